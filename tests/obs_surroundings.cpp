// SPDX-License-Identifier: GPL-2.0-or-later
#include "obs_surroundings.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>

#include <X11/Xlib.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matting {
namespace {

// ---- A display

class Display_ {
public:
	Display_()
	{
		int ends[2];
		if (pipe(ends) != 0)
			return;
		const std::string number_to = std::to_string(ends[1]);
		const char *arguments[] = {"Xvfb",      "-displayfd", number_to.c_str(),
					   "-screen",   "0",          "640x360x24",
					   "-nolisten", "tcp",        nullptr};
		process_ = fork();
		if (process_ == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM); // when the tests are killed
			dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
			execvp(arguments[0], const_cast<char **>(arguments));
			_exit(127);
		}
		close(ends[1]);
		char number[16] = {};
		std::string name(1, ':');
		if (process_ > 0 && read(ends[0], number, sizeof number - 1) > 0)
			setenv("DISPLAY", name.append(std::to_string(std::atoi(number))).c_str(), 1);
		close(ends[0]);
		display_ = process_ > 0 ? XOpenDisplay(nullptr) : nullptr;
	}
	~Display_()
	{
		if (display_)
			XCloseDisplay(display_);
		if (process_ > 0) {
			kill(process_, SIGTERM);
			waitpid(process_, nullptr, 0);
		}
	}
	Display *get() const { return display_; }

private:
	pid_t process_ = -1;
	Display *display_ = nullptr;
};

} // namespace

Display *display()
{
	static const Display_ display;
	return display.get();
}

// ---- The camera: a source that shows a CameraPicture

namespace {

std::mutex camera_mutex;
CameraPicture camera_picture;
std::atomic<int> ticks = 0;

} // namespace

CameraPicture current_picture()
{
	const std::lock_guard lock(camera_mutex);
	return camera_picture;
}

namespace {

void fill_rectangle(float x, float y, float width, float height, Colour colour, int alpha)
{
	gs_effect_t *solid = obs_get_base_effect(OBS_EFFECT_SOLID);
	vec4 value;
	vec4_set(&value, static_cast<float>(colour.red) / 255, static_cast<float>(colour.green) / 255,
		 static_cast<float>(colour.blue) / 255, static_cast<float>(alpha) / 255);
	if (gs_get_linear_srgb())
		vec4_from_rgba_srgb(&value, static_cast<uint32_t>(colour.red | colour.green << 8 | colour.blue << 16 |
								  alpha << 24));
	gs_effect_set_vec4(gs_effect_get_param_by_name(solid, "color"), &value);
	gs_matrix_push();
	gs_matrix_translate3f(x, y, 0);
	while (gs_effect_loop(solid, "Solid"))
		gs_draw_sprite(nullptr, 0, static_cast<uint32_t>(width), static_cast<uint32_t>(height));
	gs_matrix_pop();
}

void render_camera(void *, gs_effect_t *)
{
	const CameraPicture picture = current_picture();
	const bool previous = gs_framebuffer_srgb_enabled();
	gs_enable_framebuffer_srgb(gs_get_linear_srgb());
	const auto width = static_cast<float>(picture.width), height = static_cast<float>(picture.height);
	fill_rectangle(0, 0, width, height, picture.room, picture.alpha);
	if (picture.has_person)
		fill_rectangle(width / 4, height / 4, width / 2, height * 3 / 4, person_colour, picture.alpha);
	if (!picture.is_still)
		fill_rectangle(width - 1, height - 1, 1, 1, {ticks % 250, 0, 0}, picture.alpha);
	gs_enable_framebuffer_srgb(previous);
}

} // namespace

void show_to_camera(const CameraPicture &picture)
{
	const std::lock_guard lock(camera_mutex);
	camera_picture = picture;
}

void register_camera()
{
	obs_source_info info = {};
	info.id = "test_camera";
	info.type = OBS_SOURCE_TYPE_INPUT;
	info.output_flags = OBS_SOURCE_VIDEO | OBS_SOURCE_CUSTOM_DRAW | OBS_SOURCE_SRGB;
	info.get_name = [](void *) {
		return "Camera";
	};
	info.create = [](obs_data_t *, obs_source_t *source) -> void * {
		return source;
	};
	info.destroy = [](void *) {
	};
	info.video_tick = [](void *, float) {
		ticks++;
	};
	info.video_render = render_camera;
	info.get_width = [](void *) {
		return current_picture().width;
	};
	info.get_height = [](void *) {
		return current_picture().height;
	};
	obs_register_source(&info);
}

} // namespace matting
