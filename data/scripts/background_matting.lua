-- SPDX-License-Identifier: GPL-2.0-or-later
-- For OBS's Tools, Scripts: captures the background of a camera when a scene of your choice goes live, if there is none yet,
-- and writes into the script log how the filter is.
local obs = obslua
local camera_name, scene_name, seconds = "", "", 5
local due = {} -- filters, by name, that were asked for nothing yet since the scene went live

-- Whatever its name is: that is another one in each language.
local function with_filter(action)
	local camera = obs.obs_get_source_by_name(camera_name)
	if camera == nil then return end
	local filters = obs.obs_source_enum_filters(camera)
	for _, filter in ipairs(filters or {}) do
		if obs.obs_source_get_unversioned_id(filter) == "background_matting" then action(filter) end
	end
	obs.source_list_release(filters)
	obs.obs_source_release(camera)
end

local function call(filter, procedure, parameters)
	local data = obs.calldata_create()
	for name, value in pairs(parameters or {}) do obs.calldata_set_int(data, name, value) end
	obs.proc_handler_call(obs.obs_source_get_proc_handler(filter), procedure, data)
	local json = obs.calldata_string(data, "json")
	obs.calldata_destroy(data)
	return json
end

-- One of its texts: state, verdict, cure.
local function status(filter, name)
	local all = obs.obs_data_create_from_json(call(filter, "get_status"))
	local text = obs.obs_data_get_string(all, name)
	obs.obs_data_release(all)
	return text
end

-- Only in this state has it none and is able to capture one: before that, its engine starts or the camera opens. Once: who cancels
-- it wants none.
local function capture_if_missing(filter)
	local name = obs.obs_source_get_name(filter)
	if due[name] and status(filter, "state") == "no_background" then
		due[name] = nil
		call(filter, "capture_background", { seconds = seconds })
	end
end

local function on_state(data)
	local state = obs.calldata_string(data, "state")
	print("The filter of " .. camera_name .. ": " .. state)
	with_filter(function(filter)
		if state == "failed" then print(status(filter, "verdict") .. " " .. status(filter, "cure")) end
		capture_if_missing(filter)
	end)
end

local function listen(filter)
	local handler = obs.obs_source_get_signal_handler(filter)
	obs.signal_handler_disconnect(handler, "background_matting_state", on_state)
	obs.signal_handler_connect(handler, "background_matting_state", on_state)
end

local function on_event(event)
	if event ~= obs.OBS_FRONTEND_EVENT_SCENE_CHANGED and event ~= obs.OBS_FRONTEND_EVENT_FINISHED_LOADING then return end
	with_filter(listen)
	local scene = obs.obs_frontend_get_current_scene()
	local is_live = scene ~= nil and obs.obs_source_get_name(scene) == scene_name
	obs.obs_source_release(scene)
	with_filter(function(filter)
		due[obs.obs_source_get_name(filter)] = is_live
		capture_if_missing(filter)
	end)
end

function script_description()
	return "Captures the background of a camera when a scene goes live, if the filter Background Matting has none yet."
end

function script_properties()
	local properties = obs.obs_properties_create()
	obs.obs_properties_add_text(properties, "camera", "Camera", obs.OBS_TEXT_DEFAULT)
	obs.obs_properties_add_text(properties, "scene", "Scene", obs.OBS_TEXT_DEFAULT)
	obs.obs_properties_add_int(properties, "seconds", "Seconds until then", 1, 60, 1)
	return properties
end

function script_defaults(settings)
	obs.obs_data_set_default_int(settings, "seconds", seconds)
end

function script_update(settings)
	camera_name = obs.obs_data_get_string(settings, "camera")
	scene_name = obs.obs_data_get_string(settings, "scene")
	seconds = obs.obs_data_get_int(settings, "seconds")
end

function script_load()
	obs.obs_frontend_add_event_callback(on_event)
end
