-- For OBS's Tools, Scripts: captures the background when a scene of your choice goes live, and says how it went.
local obs = obslua
local camera_name, filter_name, scene_name, seconds = "", "Background Matting", "", 5

local function with_filter(action)
	local camera = obs.obs_get_source_by_name(camera_name)
	if camera == nil then return end
	local filter = obs.obs_source_get_filter_by_name(camera, filter_name)
	if filter ~= nil then
		action(filter)
		obs.obs_source_release(filter)
	end
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

local function on_event(event)
	if event ~= obs.OBS_FRONTEND_EVENT_SCENE_CHANGED then return end
	local scene = obs.obs_frontend_get_current_scene()
	local is_wanted = scene ~= nil and obs.obs_source_get_name(scene) == scene_name
	obs.obs_source_release(scene)
	if not is_wanted then return end
	with_filter(function(filter)
		call(filter, "capture_background", { seconds = seconds })
		print(call(filter, "get_status"))
	end)
end

function script_description()
	return "Captures the background of a camera when a scene goes live."
end

function script_properties()
	local properties = obs.obs_properties_create()
	obs.obs_properties_add_text(properties, "camera", "Camera", obs.OBS_TEXT_DEFAULT)
	obs.obs_properties_add_text(properties, "filter", "Filter", obs.OBS_TEXT_DEFAULT)
	obs.obs_properties_add_text(properties, "scene", "Scene", obs.OBS_TEXT_DEFAULT)
	obs.obs_properties_add_int(properties, "seconds", "Seconds", 0, 60, 1)
	return properties
end

function script_defaults(settings)
	obs.obs_data_set_default_string(settings, "filter", filter_name)
	obs.obs_data_set_default_int(settings, "seconds", seconds)
end

function script_update(settings)
	camera_name = obs.obs_data_get_string(settings, "camera")
	filter_name = obs.obs_data_get_string(settings, "filter")
	scene_name = obs.obs_data_get_string(settings, "scene")
	seconds = obs.obs_data_get_int(settings, "seconds")
end

function script_load()
	obs.obs_frontend_add_event_callback(on_event)
end
