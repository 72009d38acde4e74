// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture_store.hpp"

#include <algorithm>

#include "pictures.hpp"

namespace matting::training {
namespace {

constexpr int sprite_side = 768, room_width = 1152, room_height = 648;

std::vector<Point> find_edges(const Canvas &sprite, Random &random)
{
	const auto is_solid = [pixels = sprite.pixels(), width = sprite.width()](int x, int y) {
		return pixels[4 * (static_cast<size_t>(y) * width + x) + 3] >= 128;
	};
	std::vector<Point> edges;
	for (int trial = 0; trial < 4000 && edges.size() < 64; trial++) {
		const int x = random.integer(0, sprite.width() - 2), y = random.integer(0, sprite.height() - 2);
		// Along a row and a column from there to the next edge would favour none, but this is enough.
		const int reach = std::min(sprite.width() - 1, x + 40);
		for (int column = x; column < reach; column++)
			if (is_solid(column, y) != is_solid(column + 1, y)) {
				edges.push_back({column + 1.0, y + 0.5});
				break;
			}
	}
	return edges;
}

} // namespace

std::shared_ptr<const Sprite> draw_sprite(uint64_t seed, uint64_t id, at::Device device)
{
	Random random(seed, 2 * id);
	const Canvas canvas(sprite_side, sprite_side);
	if (random.chance(0.66))
		draw_person(canvas, random);
	else
		draw_object(canvas, random);
	std::vector<Point> edges = find_edges(canvas, random);
	Bitmap bitmap(canvas.pixels(), sprite_side, sprite_side, /*has_alpha=*/true, device);
	return std::make_shared<const Sprite>(Sprite{std::move(bitmap), std::move(edges)});
}

std::shared_ptr<const Bitmap> draw_room_bitmap(uint64_t seed, uint64_t id, at::Device device)
{
	Random random(seed, 2 * id + 1);
	const Canvas canvas(room_width, room_height);
	draw_room(canvas, random);
	return std::make_shared<const Bitmap>(canvas.pixels(), room_width, room_height, /*has_alpha=*/false, device);
}

} // namespace matting::training
