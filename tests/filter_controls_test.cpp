// SPDX-License-Identifier: GPL-2.0-or-later
// The panel's controls and their hints, and the keys of the hotkeys.
#include "filter_test.hpp"
#include "variable.hpp"

#include <csignal>
#include <map>

namespace matting {

std::atomic<bool> number_has_focus = false;

// In Qt's place, as in filter_panel_test.cpp.
__attribute__((visibility("default"), used)) char spin_boxes __asm__("_ZN16QAbstractSpinBox16staticMetaObjectE");
__attribute__((visibility("default"), used)) const void *focused_control() __asm__("_ZN12QApplication11focusWidgetEv");
const void *focused_control()
{
	return number_has_focus ? &number_has_focus : nullptr;
}
__attribute__((visibility("default"), used)) const void *
cast_control(const void *kind, const void *control) __asm__("_ZNK11QMetaObject4castEPK7QObject");
const void *cast_control(const void *kind, const void *control)
{
	return kind == &spin_boxes ? control : nullptr;
}

namespace {

// ---- Keys

struct HotkeySearch {
	obs_source_t *parent;
	std::string part; // of its name
	obs_hotkey_id found = OBS_INVALID_HOTKEY_ID;
};

obs_hotkey_id hotkey_of(obs_source_t *parent, const char *part)
{
	HotkeySearch search{parent, part};
	obs_enum_hotkeys(
		[](void *data, obs_hotkey_id id, obs_hotkey_t *hotkey) {
			auto &to = *static_cast<HotkeySearch *>(data);
			auto *registerer = static_cast<obs_weak_source_t *>(obs_hotkey_get_registerer(hotkey));
			if (obs_hotkey_get_registerer_type(hotkey) == OBS_HOTKEY_REGISTERER_SOURCE &&
			    obs_weak_source_references_source(registerer, to.parent) &&
			    std::string(obs_hotkey_get_name(hotkey)).find(to.part) != std::string::npos)
				to.found = id;
			return true;
		},
		&search);
	return search.found;
}

std::string key_of(obs_source_t *parent, const char *hotkey)
{
	const OBSDataArrayAutoRelease keys = obs_hotkey_save(hotkey_of(parent, hotkey));
	if (obs_data_array_count(keys) == 0)
		return "none";
	const OBSDataAutoRelease key = obs_data_array_item(keys, 0);
	return obs_data_get_string(key, "key");
}

class RemovedFilter : public Filter {
protected:
	// As OBS does for an undo.
	static std::string save(obs_source_t *filter)
	{
		const OBSDataAutoRelease data = obs_save_source(filter);
		return obs_data_get_json(data);
	}

	OBSSource load(const std::string &saved, obs_source_t *parent)
	{
		const OBSDataAutoRelease data = obs_data_create_from_json(saved.c_str());
		const OBSSourceAutoRelease filter = obs_load_source(data);
		obs_source_filter_add(parent, filter);
		EXPECT_TRUE(wait_for_hotkeys(parent));
		return filter.Get();
	}

	bool wait_for_hotkeys(obs_source_t *parent)
	{
		return wait_until([&] { return hotkey_of(parent, ".enable.") != OBS_INVALID_HOTKEY_ID; });
	}

	// And its dialog is closed.
	void remove(OBSSource &filter, obs_source_t *parent)
	{
		obs_source_filter_remove(parent, filter);
		const OBSWeakSource weak = OBSGetWeakRef(filter);
		filter = nullptr; // tasks may still hold it, and its name is not free before it is gone
		EXPECT_TRUE(wait_until([&] { return obs_weak_source_expired(weak); }));
		while (obs_wait_for_destroy_queue())
			;
		EXPECT_EQ(hotkey_of(parent, ".enable."), OBS_INVALID_HOTKEY_ID);
		const OBSDataAutoRelease all = obs_save_source(parent);
	}
};

TEST_F(RemovedFilter, HasItsKeysAgainWhenThatIsUndone)
{
	OBSSource filter = add_difference_filter();
	ASSERT_TRUE(wait_for_hotkeys(camera));
	obs_key_combination_t f9{0, OBS_KEY_F9};
	obs_hotkey_load_bindings(hotkey_of(camera, ".capture_background."), &f9, 1);
	const std::string saved = save(filter);
	remove(filter, camera);

	const OBSSourceAutoRelease other = obs_source_create("test_camera", "another camera", nullptr, nullptr);
	obs_scene_add(scene, other);
	OBSSource pasted = load(saved, other);
	EXPECT_EQ(key_of(other, ".capture_background."), "none") << "that is another source";
	remove(pasted, other);

	filter = load(saved, camera);
	EXPECT_EQ(key_of(camera, ".capture_background."), "OBS_KEY_F9");
	EXPECT_EQ(key_of(camera, ".enable."), "none");
	obs_hotkey_load_bindings(hotkey_of(camera, ".capture_background."), nullptr, 0);
	remove(filter, camera);
	filter = load(saved, camera);
	EXPECT_EQ(key_of(camera, ".capture_background."), "none") << "it was taken away since";
}

// ---- The panel

class Panel : public Filter {
protected:
	void TearDown() override { number_has_focus = false; }

	static std::map<std::string, std::string> devices(obs_source_t *filter)
	{
		std::map<std::string, std::string> names;
		obs_properties_t *properties = obs_source_properties(filter);
		obs_property_t *list = obs_properties_get(properties, "device");
		for (size_t i = 0; i < obs_property_list_item_count(list); i++)
			names[obs_property_list_item_string(list, i)] = obs_property_list_item_name(list, i);
		obs_properties_destroy(properties);
		return names;
	}

	static std::string where_models_are_looked_for(obs_source_t *filter)
	{
		obs_properties_t *properties = obs_source_properties(filter);
		const char *path = obs_property_path_default_path(obs_properties_get(properties, "model"));
		const std::string folder = path ? path : "";
		obs_properties_destroy(properties);
		return folder;
	}
};

void expect_hints(obs_properties_t *properties)
{
	for (obs_property_t *property = obs_properties_first(properties); property; obs_property_next(&property)) {
		const obs_property_type type = obs_property_get_type(property);
		if (type == OBS_PROPERTY_GROUP) {
			expect_hints(obs_property_group_content(property));
		} else if (type != OBS_PROPERTY_TEXT) {
			const char *hint = obs_property_long_description(property);
			EXPECT_TRUE(hint && std::string(hint).find(".hint") == std::string::npos)
				<< obs_property_name(property);
		}
	}
}

TEST_F(Panel, HasAHintForEachControl)
{
	const OBSSource filter = add_difference_filter();
	obs_properties_t *properties = obs_source_properties(filter);
	for (const char *button : {"trust_model", "use_bundled_model"})
		EXPECT_TRUE(obs_properties_get(properties, button)) << button;
	expect_hints(properties);
	obs_properties_destroy(properties);
}

TEST_F(Panel, OffersNoDeviceThatIsNone)
{
	const OBSSource filter = add_difference_filter();
	const auto offered_for = [&](const char *device) {
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "device", device); });
		return devices(filter);
	};
	EXPECT_FALSE(offered_for("gpu").contains("gpu")) << "it is automatic, and OBS chooses the first of the list";
	EXPECT_TRUE(offered_for("cuda").contains("cuda"));
	EXPECT_TRUE(offered_for("cuda:77").contains("cuda:77"));
}

// Their folder is one that dialogs hide.
TEST_F(Panel, LooksForModelsWhereFetchedOnesLie)
{
	const auto folder = config_folder / "data" / "background-matting" / "models";
	const Variable data("XDG_DATA_HOME", config_folder / "data");
	const OBSSource filter = add_difference_filter();
	EXPECT_EQ(where_models_are_looked_for(filter), "") << "none has been fetched";
	std::filesystem::create_directories(folder);
	EXPECT_EQ(where_models_are_looked_for(filter), folder);
}

// It would be taken away half-typed. But what has the focus may keep it for hours.
TEST_F(Panel, StaysForAWhileWhileANumberIsTyped)
{
	const OBSSource filter = matting_filter();
	std::atomic<int> &times = count_panels(filter);
	EXPECT_TRUE(wait_for_no_panel());
	number_has_focus = true;
	kill(engine_id(), SIGKILL);
	wait_frames(60);
	EXPECT_EQ(times, 0);
	EXPECT_TRUE(wait_until([&] { return times > 0; })) << "that is news";
}

} // namespace
} // namespace matting
