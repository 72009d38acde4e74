// SPDX-License-Identifier: GPL-2.0-or-later
// Real libobs on a display of its own, with a scene: a red colour source, and over it a camera with our filter.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <obs.hpp>

namespace matting {

struct Colour {
	int red, green, blue;
};

inline constexpr Colour backdrop_colour{200, 0, 0}; // of the scene
inline constexpr Colour room_colour{60, 80, 70};
inline constexpr Colour person_colour{200, 180, 170};

/// What the camera source shows. Any thread.
struct CameraPicture {
	uint32_t width = 320, height = 180;
	Colour room = room_colour;
	bool has_person = false; ///< in the middle
	int alpha = 255;
	bool is_still = false; ///< else one pixel in the corner changes all the time, as a camera's noise does
};

/// What OBS draws on.
struct Canvas {
	video_format format = VIDEO_FORMAT_BGRA;
	video_colorspace colour_space = VIDEO_CS_709;
	uint32_t frames_per_second = 30;
};

/// The thread of the tests is OBS's UI thread: it runs what is queued for that while it waits.
class ObsTest : public testing::Test {
protected:
	/// `module_folder`: where the plugin and its engine lie.
	explicit ObsTest(const std::filesystem::path &module_folder = MODULE_FOLDER, const Canvas &canvas = {});
	~ObsTest() override;

	void set_camera(const CameraPicture &picture);

	/// A filter of ours, with these settings, on the camera or another parent.
	OBSSource add_filter(const std::function<void(obs_data_t *)> &change_settings, obs_source_t *parent = nullptr);
	OBSSource add_stock_filter(const char *id);
	void update(obs_source_t *filter, const std::function<void(obs_data_t *)> &change_settings);
	void press(obs_source_t *filter, const char *button);
	std::string label(obs_source_t *filter, const char *button);
	/// Presses the button twice, as it wants.
	void forget(obs_source_t *filter);
	std::string status(obs_source_t *filter);
	std::string background(obs_source_t *filter);

	/// Captures the room as it is now and waits until the capture is stored.
	void capture(obs_source_t *filter);

	/// The last composite. Waits for a few frames after what was changed before.
	Colour pixel(uint32_t x, uint32_t y);
	Colour last_pixel(uint32_t x, uint32_t y);
	Colour room_pixel() { return pixel(20, 20); }
	Colour person_pixel() { return pixel(160, 100); }
	bool wait_until(const std::function<bool()> &condition, double seconds = 20);
	void wait_frames(int count);
	/// At first it does. Else OBS hands no composites out, unless somebody else wants them.
	void watch_composites(bool does);

	/// Composites since the start, and those of them with the colour of the room where the room is.
	std::atomic<int> frames = 0, frames_with_room = 0;
	std::atomic<int> log_errors = 0;

	OBSSource camera;
	OBSScene scene;
	OBSSceneItem camera_item;
	std::filesystem::path config_folder;

	/// The engine that the plugin has started, or -1.
	static int engine_id();

private:
	static void receive_frame(void *self, video_data *frame);

	OBSSource backdrop_;
	std::mutex mutex_;
	std::vector<uint8_t> composite_; // BGRA, 320x180
};

MATCHER_P2(IsNear, expected, tolerance, "")
{
	*result_listener << arg.red << ", " << arg.green << ", " << arg.blue;
	return std::abs(arg.red - expected.red) <= tolerance && std::abs(arg.green - expected.green) <= tolerance &&
	       std::abs(arg.blue - expected.blue) <= tolerance;
}

bool near(const Colour &a, const Colour &b, int tolerance = 3);

} // namespace matting
