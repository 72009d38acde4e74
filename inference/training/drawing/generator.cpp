// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <ATen/ATen.h>

#include "camera.hpp"
#include "scene.hpp"

namespace matting::training {
namespace {

// Note [Which pictures a sample takes]
// There are more pictures than memory has room for, and drawing one takes as long as several samples. So samples near
// each other take theirs from the same few: a window that moves on by one picture every so many samples, and that
// starts small, so that the first sample need not wait for all of it. Which window that is depends on the sample's
// index alone, and a picture on its number alone: whatever was made before, the sample is the same.
constexpr uint64_t first_window = 24;
struct Window {
	uint64_t size;
	uint64_t stride; // samples until it moves on by one picture
};
constexpr Window sprite_window{96, 16}, room_window{64, 24};
constexpr uint64_t slack = 16; // for workers that are not quite at the same index

uint64_t choose_picture(Random &random, uint64_t index, Window window, uint64_t count)
{
	const uint64_t end = first_window + index / window.stride, size = std::min({window.size, end, count});
	return (end - 1 - random.next() % size) % count;
}

at::Tensor tensor_of(const Image &image)
{
	at::Tensor result = at::empty({image.channels, image.height, image.width}, at::kFloat);
	std::memcpy(result.data_ptr<float>(), image.values.data(), image.values.size() * sizeof(float));
	return result;
}

// Less than half a step of 8 bits is nothing; rounding may have made more than everything.
void end_alpha(Scene &scene)
{
	for (size_t i = 0; i < scene.alpha.area(); i++) {
		scene.alpha.values[i] = std::min(scene.alpha.values[i], 1.F);
		if (scene.alpha.values[i] >= 0.5F / 255)
			continue;
		scene.alpha.values[i] = 0;
		for (int channel = 0; channel < 3; channel++)
			scene.foreground.plane(channel)[i] = 0;
	}
}

Image composite(const Scene &scene)
{
	Image result = scene.room;
	for (int channel = 0; channel < 3; channel++)
		for (size_t i = 0; i < result.area(); i++) {
			float &colour = result.plane(channel)[i];
			colour = colour * (1 - scene.alpha.values[i]) + scene.foreground.plane(channel)[i];
		}
	return result;
}

void unpremultiply(Scene &scene)
{
	for (int channel = 0; channel < 3; channel++)
		for (size_t i = 0; i < scene.alpha.area(); i++)
			if (scene.alpha.values[i] > 0) {
				float &colour = scene.foreground.plane(channel)[i];
				colour = std::clamp(colour / scene.alpha.values[i], 0.F, 1.F);
			}
}

class DrawingGenerator : public Generator {
public:
	explicit DrawingGenerator(const GeneratorSettings &settings)
		: settings_(settings), sprites_(sprite_window.size + slack,
						[seed = settings.seed](uint64_t id) { return draw_sprite(seed, id); }),
		  rooms_(room_window.size + slack,
			 [seed = settings.seed](uint64_t id) { return draw_room_bitmap(seed, id); })
	{
		if (settings.sprites < 1 || settings.rooms < 1)
			throw std::invalid_argument("There must be at least one sprite and one room.");
	}

	Sample make(uint64_t index, const Crop &crop) const override;

private:
	GeneratorSettings settings_;
	mutable PictureStore<Sprite> sprites_;
	mutable PictureStore<Bitmap> rooms_;
};

Sample DrawingGenerator::make(uint64_t index, const Crop &crop) const
{
	Random random(settings_.seed ^ 0x5a3c96e1, index);
	const View view{crop.width, crop.height, crop.frame_height};
	const uint64_t room_id = choose_picture(random, index, room_window, settings_.rooms);
	std::vector<std::shared_ptr<const Sprite>> sprites;
	const int count = random.pick({0.13, 0.67, 0.15, 0.05});
	for (int i = 0; i < count; i++)
		sprites.push_back(sprites_.get(choose_picture(random, index, sprite_window, settings_.sprites)));
	const Image room = draw_room_view(*rooms_.get(room_id), view, random);
	Scene scene = compose(room, sprites, view, random);
	Image source = composite(scene);
	photograph(scene, source, view.pixel(), random);
	end_alpha(scene);
	unpremultiply(scene);
	return {tensor_of(source), tensor_of(scene.empty_room), tensor_of(scene.alpha), tensor_of(scene.foreground)};
}

} // namespace

std::unique_ptr<Generator> make_generator(const GeneratorSettings &settings)
{
	return std::make_unique<DrawingGenerator>(settings);
}

} // namespace matting::training
