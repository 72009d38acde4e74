// SPDX-License-Identifier: GPL-2.0-or-later
#include "obs_test.hpp"

#include "obs_surroundings.hpp"

#include <cstdarg>
#include <cstdio>
#include <fstream>
#include <regex>
#include <thread>

#include <obs-nix-platform.h>
#include <unistd.h>
#include <util/platform.h>

namespace matting {
namespace {

constexpr uint32_t canvas_width = 320, canvas_height = 180;

// ---- libobs

void log_line(int level, const char *format, va_list arguments, void *errors)
{
	if (level <= LOG_ERROR)
		++*static_cast<std::atomic<int> *>(errors);
	if (level > LOG_WARNING && !std::getenv("MATTING_TEST_VERBOSE"))
		return;
	std::vfprintf(stderr, format, arguments);
	std::fputc('\n', stderr);
}

void load_module(const std::string &binary, const std::string &data)
{
	obs_module_t *module = nullptr;
	ASSERT_EQ(obs_open_module(&module, binary.c_str(), data.c_str()), MODULE_SUCCESS) << binary;
	ASSERT_TRUE(obs_init_module(module)) << binary;
}

// ---- The UI thread, which is the one of the tests

struct Task {
	obs_task_t run;
	void *parameter;
};

std::mutex tasks_mutex;
std::vector<Task> tasks;

void queue_task(obs_task_t run, void *parameter, bool)
{
	const std::lock_guard lock(tasks_mutex);
	tasks.push_back({run, parameter});
}

void run_tasks()
{
	std::vector<Task> due;
	{
		const std::lock_guard lock(tasks_mutex);
		due.swap(tasks);
	}
	for (const Task &task : due)
		task.run(task.parameter);
}

void start_video(const Canvas &canvas)
{
	obs_audio_info audio = {};
	audio.samples_per_sec = 48000;
	audio.speakers = SPEAKERS_STEREO;
	obs_reset_audio(&audio);
	obs_video_info video = {};
	video.graphics_module = "libobs-opengl";
	video.fps_num = canvas.frames_per_second;
	video.fps_den = 1;
	video.base_width = video.output_width = canvas_width;
	video.base_height = video.output_height = canvas_height;
	video.output_format = canvas.format;
	video.colorspace = canvas.colour_space;
	video.range = VIDEO_RANGE_FULL;
	video.gpu_conversion = true;
	video.scale_type = OBS_SCALE_BILINEAR;
	ASSERT_EQ(obs_reset_video(&video), OBS_VIDEO_SUCCESS);
}

} // namespace

bool near(const Colour &a, const Colour &b, int tolerance)
{
	return testing::Value(a, IsNear(b, tolerance));
}

ObsTest::ObsTest(const std::filesystem::path &module_folder, const Canvas &canvas)
	: config_folder(std::filesystem::temp_directory_path() / ("matting-obs-test-" + std::to_string(getpid())))
{
	base_set_log_handler(log_line, &log_errors);
	obs_set_nix_platform(OBS_NIX_PLATFORM_X11_EGL);
	obs_set_nix_platform_display(display());
	EXPECT_TRUE(display()) << "no display: install xvfb";
	EXPECT_TRUE(obs_startup("en-US", config_folder.c_str(), nullptr));
	start_video(canvas);
	obs_set_ui_task_handler(queue_task);
	const std::string stock = OBS_PLUGINS;
	load_module(stock + "/image-source.so", "/usr/share/obs/obs-plugins/image-source");
	load_module(stock + "/obs-filters.so", "/usr/share/obs/obs-plugins/obs-filters");
	const uint64_t begin = os_gettime_ns();
	load_module((module_folder / "obs-background-matting.so").string(), PROJECT_ROOT "/data");
	RecordProperty("module_load_ms", std::to_string(static_cast<double>(os_gettime_ns() - begin) / 1e6));
	obs_post_load_modules();
	register_camera();

	scene = obs_scene_create("scene");
	obs_scene_release(scene);
	OBSDataAutoRelease settings = obs_data_create();
	obs_data_set_int(settings, "color", 0xFF0000C8);
	obs_data_set_int(settings, "width", canvas_width);
	obs_data_set_int(settings, "height", canvas_height);
	backdrop_ = OBSSourceAutoRelease(obs_source_create("color_source", "backdrop", settings, nullptr)).Get();
	set_camera({});
	camera = OBSSourceAutoRelease(obs_source_create("test_camera", "camera", nullptr, nullptr)).Get();
	obs_scene_add(scene, backdrop_);
	camera_item = obs_scene_add(scene, camera);
	obs_set_output_source(0, obs_scene_get_source(scene));
	watch_composites(true);
}

ObsTest::~ObsTest()
{
	watch_composites(false);
	obs_set_output_source(0, nullptr);
	obs_source_remove(obs_scene_get_source(scene));
	camera_item = nullptr;
	scene = nullptr;
	camera = nullptr;
	backdrop_ = nullptr;
	run_tasks();
	while (obs_wait_for_destroy_queue())
		;
	obs_shutdown();
	run_tasks(); // a last tick may have queued one
	EXPECT_EQ(bnum_allocs(), 0) << "something of libobs was leaked";
	EXPECT_EQ(log_errors, 0) << "errors in the log";
	EXPECT_EQ(engine_id(), -1) << "the engine outlived OBS";
	std::filesystem::remove_all(config_folder);
}

void ObsTest::set_camera(const CameraPicture &picture)
{
	show_to_camera(picture);
}

OBSSource ObsTest::add_filter(const std::function<void(obs_data_t *)> &change_settings, obs_source_t *parent)
{
	static int count = 0;
	OBSDataAutoRelease settings = obs_data_create();
	obs_data_set_int(settings, "capture_countdown", 0);
	change_settings(settings);
	OBSSourceAutoRelease filter = obs_source_create_private(
		"background_matting", ("matting " + std::to_string(++count)).c_str(), settings);
	obs_source_filter_add(parent ? parent : camera.Get(), filter);
	return filter.Get();
}

OBSSource ObsTest::add_stock_filter(const char *id)
{
	OBSSourceAutoRelease filter = obs_source_create_private(id, id, nullptr);
	EXPECT_TRUE(filter) << id;
	obs_source_filter_add(camera, filter);
	return filter.Get();
}

void ObsTest::update(obs_source_t *filter, const std::function<void(obs_data_t *)> &change_settings)
{
	OBSDataAutoRelease settings = obs_data_create();
	change_settings(settings);
	obs_source_update(filter, settings);
}

void ObsTest::press(obs_source_t *filter, const char *button)
{
	obs_properties_t *properties = obs_source_properties(filter);
	obs_property_t *property = obs_properties_get(properties, button);
	ASSERT_TRUE(property) << button;
	obs_property_button_clicked(property, filter);
	obs_properties_destroy(properties);
}

std::string ObsTest::label(obs_source_t *filter, const char *button)
{
	obs_properties_t *properties = obs_source_properties(filter);
	const std::string text = obs_property_description(obs_properties_get(properties, button));
	obs_properties_destroy(properties);
	return text;
}

void ObsTest::forget(obs_source_t *filter)
{
	press(filter, "forget_background");
	std::this_thread::sleep_for(std::chrono::milliseconds(600));
	press(filter, "forget_background");
}

std::string ObsTest::status(obs_source_t *filter)
{
	static const std::regex line_end("<br>"), tag("</?[a-z]+>");
	return std::regex_replace(std::regex_replace(label(filter, "status"), line_end, " "), tag, "");
}

std::string ObsTest::background(obs_source_t *filter)
{
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	return obs_data_get_string(settings, "background");
}

void ObsTest::capture(obs_source_t *filter)
{
	const std::string before = background(filter);
	ASSERT_TRUE(wait_until([&] {
		return status(filter).find("The room is shown: capture") != std::string::npos ||
		       status(filter).find("The room is removed") != std::string::npos;
	})) << status(filter);
	press(filter, "capture_background");
	ASSERT_TRUE(wait_until([&] { return background(filter) != before; })) << status(filter);
}

Colour ObsTest::pixel(uint32_t x, uint32_t y)
{
	wait_frames(3); // what was changed has gone through rendering and read-back
	return last_pixel(x, y);
}

Colour ObsTest::last_pixel(uint32_t x, uint32_t y)
{
	const std::lock_guard lock(mutex_);
	const uint8_t *p = &composite_.at(size_t{4} * (y * canvas_width + x));
	return {p[2], p[1], p[0]};
}

void ObsTest::wait_frames(int count)
{
	const int target = frames + count;
	EXPECT_TRUE(wait_until([&] { return frames >= target; })) << "libobs renders nothing";
}

bool ObsTest::wait_until(const std::function<bool()> &condition, double seconds)
{
	const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
	while (std::chrono::steady_clock::now() < end) {
		run_tasks();
		if (condition())
			return true;
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
	}
	return condition();
}

void ObsTest::watch_composites(bool does)
{
	const video_scale_info bgra{.format = VIDEO_FORMAT_BGRA,
				    .width = canvas_width,
				    .height = canvas_height,
				    .range = VIDEO_RANGE_FULL,
				    .colorspace = VIDEO_CS_709};
	if (does)
		obs_add_raw_video_callback(&bgra, receive_frame, this);
	else
		obs_remove_raw_video_callback(receive_frame, this);
}

void ObsTest::receive_frame(void *data, video_data *frame)
{
	auto *self = static_cast<ObsTest *>(data);
	const std::lock_guard lock(self->mutex_);
	const size_t row = size_t{4} * canvas_width;
	self->composite_.resize(row * canvas_height);
	for (uint32_t y = 0; y < canvas_height; y++)
		std::copy_n(frame->data[0] + size_t{y} * frame->linesize[0], row, self->composite_.data() + y * row);
	const uint8_t *p = &self->composite_[size_t{4} * (20 * canvas_width + 20)];
	if (near({p[2], p[1], p[0]}, current_picture().room, 12))
		++self->frames_with_room;
	++self->frames;
}

int ObsTest::engine_id()
{
	for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
		std::ifstream stream(entry.path() / "stat");
		std::string id, name, state;
		int parent = 0;
		if (!(stream >> id >> name >> state >> parent) || parent != getpid() || state == "Z")
			continue;
		std::error_code error; // until it is the engine, it is a copy of this program
		if (std::filesystem::read_symlink(entry.path() / "exe", error).filename() == "background-matting")
			return std::stoi(id);
	}
	return -1;
}

} // namespace matting
