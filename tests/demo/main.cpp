// SPDX-License-Identifier: GPL-2.0-or-later
// The demo's pictures (ci/run.sh): a room, the same room with a person in it, and a backdrop.
#include "pictures.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>

#include <unistd.h>

namespace matting::demo {
namespace {

constexpr int loop_frames = 90; // of the camera: three seconds
constexpr double camera_noise = 2.5;

Canvas room()
{
	Canvas canvas(width, height);
	draw_room(canvas);
	return canvas;
}

// What the person keeps from the wall behind; soft, so a quarter of the size will do.
Canvas shadow_of(const Canvas &person)
{
	constexpr double size = 0.25;
	Canvas shadow(static_cast<int>(width * size), static_cast<int>(height * size));
	cairo_scale(shadow, size, size);
	set_ink(shadow, {0x1a120d});
	cairo_mask_surface(shadow, person.surface(), 26, 14);
	shadow.blur(5);
	return shadow;
}

// The room as the camera shows it, with the person in it.
Canvas camera_frame(const Canvas &empty_room, int frame)
{
	Canvas person(width, height);
	draw_person(person, static_cast<double>(frame) / loop_frames);
	const Canvas shadow = shadow_of(person);
	Canvas picture = empty_room.copy();
	cairo_save(picture);
	cairo_scale(picture, 4, 4);
	cairo_set_source_surface(picture, shadow.surface(), 0, 0);
	cairo_paint_with_alpha(picture, 0.28);
	cairo_restore(picture);
	cairo_set_source_surface(picture, person.surface(), 0, 0);
	cairo_paint(picture);
	picture.add_noise(camera_noise, static_cast<uint32_t>(frame) + 1);
	return picture;
}

// Captured as the filter does it: the mean of sixteen frames has a quarter of a frame's noise.
Canvas plate()
{
	Canvas canvas = room();
	canvas.add_noise(camera_noise / 4, 1000);
	return canvas;
}

Canvas backdrop()
{
	Canvas canvas(width, height);
	draw_backdrop(canvas);
	return canvas;
}

// The camera's frames, raw BGRA, to the standard output.
void write_camera()
{
	const Canvas empty_room = room();
	for (int frame = 0; frame < loop_frames; frame++) {
		const Canvas picture = camera_frame(empty_room, frame);
		const size_t bytes = size_t{4} * width * height;
		if (std::fwrite(picture.pixels(), 1, bytes, stdout) != bytes)
			throw std::runtime_error("the camera's frames cannot be written");
	}
}

// Pictures side by side, three in a row, each with its label: FILE LABEL FILE LABEL ...
Canvas panels(char **files_and_labels, int count)
{
	constexpr int panel_width = 640, panel_height = 360, gap = 12, strip = 44, in_row = 3;
	const int columns = std::min(count, in_row), rows = (count + in_row - 1) / in_row;
	Canvas result(columns * (panel_width + gap) + gap, rows * (panel_height + strip) + gap);
	set_ink(result, {0x16181d});
	cairo_paint(result);
	cairo_select_font_face(result, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
	cairo_set_font_size(result, 20);
	for (int i = 0; i < count; i++) {
		const Canvas picture = Canvas::load(files_and_labels[2 * i]);
		const int x = gap + i % in_row * (panel_width + gap), y = strip + i / in_row * (panel_height + strip);
		cairo_save(result);
		cairo_translate(result, x, y);
		cairo_scale(result, static_cast<double>(panel_width) / cairo_image_surface_get_width(picture.surface()),
			    static_cast<double>(panel_height) / cairo_image_surface_get_height(picture.surface()));
		cairo_set_source_surface(result, picture.surface(), 0, 0);
		cairo_pattern_set_filter(cairo_get_source(result), CAIRO_FILTER_GOOD);
		cairo_paint(result);
		cairo_restore(result);
		set_ink(result, {0xe8eaed});
		cairo_move_to(result, x + 4, y - 15);
		cairo_show_text(result, files_and_labels[2 * i + 1]);
	}
	return result;
}

int run(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	if (argc == 3 && std::strcmp(what, "plate") == 0)
		plate().save(argv[2]);
	else if (argc == 3 && std::strcmp(what, "source") == 0)
		camera_frame(room(), 0).save(argv[2]);
	else if (argc == 3 && std::strcmp(what, "backdrop") == 0)
		backdrop().save(argv[2]);
	else if (argc == 2 && std::strcmp(what, "camera") == 0 && !isatty(STDOUT_FILENO))
		write_camera();
	else if (argc >= 5 && argc % 2 == 1 && std::strcmp(what, "panels") == 0)
		panels(argv + 3, (argc - 3) / 2).save(argv[2]);
	else
		return std::fprintf(stderr,
				    "demo_pictures plate|source|backdrop FILE.png\n"
				    "demo_pictures camera >FRAMES    (raw BGRA, %dx%d)\n"
				    "demo_pictures panels FILE.png PICTURE LABEL [PICTURE LABEL]...\n",
				    width, height),
		       2;
	return 0;
}

} // namespace
} // namespace matting::demo

int main(int argc, char **argv)
try {
	return matting::demo::run(argc, argv);
} catch (const std::exception &error) {
	std::fprintf(stderr, "demo_pictures: %s\n", error.what());
	return 1;
}
