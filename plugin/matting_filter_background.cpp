// SPDX-License-Identifier: GPL-2.0-or-later
// Capturing, keeping and forgetting the background.
#include "callback.hpp"
#include "matting_filter.hpp"
#include "settings.hpp"
#include "text.hpp"

#include <ctime>
#include <random>
#include <stdexcept>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <util/platform.h>

namespace matting {
namespace {

constexpr uint32_t capture_frames = 16; // their mean has a quarter of a frame's noise
constexpr uint64_t second_ns = 1'000'000'000;

// A name that no capture had before.
std::string new_background_path()
{
	const ObsString folder(obs_module_config_path("backgrounds"));
	if (!folder || os_mkdirs(folder.get()) == MKDIR_ERROR)
		throw std::runtime_error(text("error.no_folder", folder ? folder.get() : "plugin_config"));
	return fmt::format("{}/{:%Y-%m-%d_%H-%M-%S}_{:08x}.png", folder.get(), fmt::localtime(std::time(nullptr)),
			   std::random_device{}());
}

} // namespace

bool MattingFilter::capture_background()
{
	if (session_.can_capture())
		capture_at_ns_ = os_gettime_ns() + countdown_seconds_ * second_ns;
	return true;
}

int MattingFilter::countdown() const
{
	const uint64_t at = capture_at_ns_, now = os_gettime_ns();
	return at > now ? static_cast<int>((at - now + second_ns - 1) / second_ns) : 0;
}

void MattingFilter::count_down()
{
	const uint64_t at = capture_at_ns_;
	if (at == 0 || os_gettime_ns() < at)
		return;
	capture_at_ns_ = 0;
	try {
		session_.capture(new_background_path(), capture_frames);
	} catch (const std::exception &error) {
		session_.refuse_capture(error.what());
	}
}

bool MattingFilter::forget_background()
{
	obs_data_t *settings = obs_source_get_settings(source_);
	capture_at_ns_ = 0;
	is_forgetting_ = true;
	session_.forget_background();
	obs_data_set_string(settings, background_setting, "");
	obs_source_update(source_, nullptr);
	obs_data_release(settings);
	return true;
}

void MattingFilter::store_captured()
{
	const auto path = session_.take_captured();
	if (!path)
		return;
	obs_data_t *settings = obs_source_get_settings(source_);
	obs_data_set_string(settings, background_setting, path->c_str());
	obs_data_release(settings);
	configuration_.background = *path;
}

void MattingFilter::replace_file(const char *setting, const char *path)
{
	obs_data_t *settings = obs_data_create();
	obs_data_set_string(settings, setting, path);
	obs_source_update(source_, settings);
	obs_data_release(settings);
}

obs_missing_files_t *MattingFilter::missing_files()
{
	obs_missing_files_t *files = obs_missing_files_create();
	obs_data_t *settings = obs_source_get_settings(source_);
	const auto add_if_missing = [&](const char *setting, obs_missing_file_cb replace) {
		const char *path = obs_data_get_string(settings, setting);
		if (*path && !os_file_exists(path))
			obs_missing_files_add_file(
				files,
				obs_missing_file_create(path, replace, OBS_MISSING_FILE_SOURCE, source_, nullptr));
	};
	// What libobs calls them with is the filter, whatever source it was given.
	add_if_missing(background_setting, [](void *filter, const char *path, void *) {
		callback<&MattingFilter::replace_file>(filter, background_setting, path);
	});
	add_if_missing(model_setting, [](void *filter, const char *path, void *) {
		callback<&MattingFilter::replace_file>(filter, model_setting, path);
	});
	obs_data_release(settings);
	return files;
}

// ---- Hotkey

// libobs gives none to filters, which are private; so it is the parent's. Its name must be the same at every start, because
// the key is stored under it. A parent that is private, too, has none.
void MattingFilter::register_hotkey()
{
	obs_source_t *parent = obs_filter_get_parent(source_);
	const char *name = obs_source_get_name(source_);
	if (!parent || !name || (parent == hotkey_parent_ && hotkey_name_ == name))
		return;
	unregister_hotkey();
	hotkey_parent_ = parent;
	hotkey_name_ = name;
	const auto press = [](void *filter, obs_hotkey_id, obs_hotkey_t *, bool is_pressed) {
		if (is_pressed)
			callback<&MattingFilter::capture_background>(filter);
	};
	hotkey_ = obs_hotkey_register_source(parent,
					     fmt::format("background_matting.capture_background.{}", name).c_str(),
					     text("hotkey.capture_background", name).c_str(), press, this);
}

void MattingFilter::unregister_hotkey()
{
	if (hotkey_ != OBS_INVALID_HOTKEY_ID)
		obs_hotkey_unregister(hotkey_);
	hotkey_ = OBS_INVALID_HOTKEY_ID;
	hotkey_parent_ = nullptr;
}

} // namespace matting
