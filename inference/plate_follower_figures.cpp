// SPDX-License-Identifier: GPL-2.0-or-later
// What a result tells of itself and of the plate.
#include "plate_follower.hpp"

#include <algorithm>
#include <cmath>

namespace matting {
namespace {

constexpr int rows_apart = 4; // of a result: they say enough

} // namespace

// Which pixels of the small picture are somebody's, in rows that `figures_of` has.
void PlateFollower::note_hidden(const Picture &result)
{
	const int block = block_of(result), width = glance_.grey.width, height = glance_.grey.height;
	hidden_.resize(size_t(1) * width * height);
	for (int y = 0; y < height; y++) {
		const int row = (y * block + block / 2) / rows_apart * rows_apart;
		const uint8_t *pixels = result.pixels + row * result.pitch + 4 * (block / 2);
		for (int x = 0; x < width; x++)
			hidden_[size_t(1) * y * width + x] = pixels[size_t(4) * x * block + 3] >> 7;
	}
}

// Note [What is seen of the room is the plate's]
// Whom a matte shows says nothing of the plate; what it takes for the room does: there the frame has what the plate has,
// whoever fills the rest. Of a plate that is another room's, the network finds at most parts that are alike by chance.
double PlateFollower::visible_fit() const
{
	const std::optional<double> fit = target_->visible_fit(glance_.grey, alignment_, hidden_);
	return fit ? *fit : plain_fit();
}

// Where no texture is to be seen: the share of what is seen whose difference is the commonest one, since the light of a bare
// wall is not followed.
double PlateFollower::plain_fit() const
{
	constexpr int levels = 256, range = static_cast<int>(fitting_levels);
	constexpr size_t least = 300;
	std::array<size_t, 2 * levels> counts{};
	size_t seen = 0;
	for (size_t i = 0; i < hidden_.size(); i++)
		if (!hidden_[i]) {
			seen++;
			counts[static_cast<size_t>(levels + glance_.grey.values[i] - small_.grey.values[i])]++;
		}
	size_t most = 0, window = 0;
	for (size_t i = 0; i < counts.size(); i++) {
		window += counts[i] - (i > 2 * range ? counts[i - 2 * range - 1] : 0);
		most = std::max(most, window);
	}
	return seen < least ? 1 : static_cast<double>(most) / static_cast<double>(seen);
}

// From one of its pixels to another, in the colour that differs most.
static float difference(const SmallPicture &picture, int from, int to)
{
	float most = 0;
	for (const Grey &colour : picture.colours)
		most = std::max(most, std::abs(colour.values[static_cast<size_t>(from)] -
					       colour.values[static_cast<size_t>(to)]));
	return most;
}

// Note [Whose edge it is]
// Where somebody is who was not there before, the frame changes across the edge of the matte, and the plate goes on: both sides
// are the room. If it is the plate that changes and the frame that goes on, the plate shows somebody who has gone since.
double PlateFollower::share_of_the_plates_edge() const
{
	constexpr float clearly = 10; // of 255
	constexpr int reach = 2, least = 60;
	const int width = glance_.grey.width, height = glance_.grey.height;
	if (movement() * width > given_.width) // by more than a pixel of the small pictures
		return 0;
	int plates = 0, frames = 0;
	for (int y = reach; y < height - reach; y++)
		for (int x = reach; x < width - reach; x++)
			for (const int out : {1, -1, width, -width}) {
				const int at = y * width + x, inside = at - out, outside = at + reach * out;
				const auto is_hidden = [this](int pixel) {
					return hidden_[static_cast<size_t>(pixel)];
				};
				if (!is_hidden(at) || is_hidden(at + out) || !is_hidden(inside) || is_hidden(outside))
					continue;
				const float in_plate = difference(small_, inside, outside),
					    in_frame = difference(glance_, inside, outside);
				plates += in_plate > in_frame + clearly;
				frames += in_frame > in_plate + clearly;
			}
	return plates + frames < least ? 0 : static_cast<double>(plates) / (plates + frames);
}

MatteFigures PlateFollower::figures_of(const Picture &original)
{
	const Picture result = here(original, 0, rows_apart, rows_apart);
	const auto is_opaque = [&result](int x, int y) {
		return result.pixels[y * result.pitch + 4 * x + 3] >> 7;
	};
	int64_t opaque = 0, rows = 0, left = 0, right = 0, top = 0;
	for (int x = 0; x < result.width; x++)
		top += is_opaque(x, 0);
	for (int y = 0; y < result.height; y += rows_apart, rows++) {
		left += is_opaque(0, y);
		right += is_opaque(result.width - 1, y);
		for (int x = 0; x < result.width; x++)
			opaque += is_opaque(x, y);
	}
	note_hidden(result);
	const auto share = [](int64_t part, int64_t whole) {
		return static_cast<double>(part) / static_cast<double>(whole);
	};
	return {.opaque = share(opaque, rows * result.width),
		.left = share(left, rows),
		.right = share(right, rows),
		.top = share(top, result.width),
		.fit = visible_fit(),
		.movement = movement(),
		.red = light_[0],
		.green = light_[1],
		.blue = light_[2],
		.gone = share_of_the_plates_edge(),
		.unseen = unseen()};
}

} // namespace matting
