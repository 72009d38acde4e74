// SPDX-License-Identifier: GPL-2.0-or-later
#include "fields.hpp"

#include <algorithm>

#include "noise.hpp"
#include "steps.hpp"

namespace matting::training {
namespace {

// How much each of a lattice's lines counts at each pixel: (B, size, most_cells + 1).
at::Tensor shares(const std::vector<Field> &fields, int64_t size, at::Device device)
{
	constexpr int lines = Field::most_cells + 1;
	const at::Tensor cells = numbers(fields, &Field::cells, device).view({-1, 1, 1});
	const at::Tensor pixels = (at::arange(size, device).to(at::kFloat) + 0.5) / static_cast<double>(size);
	const at::Tensor line = at::arange(lines, device).to(at::kFloat);
	const at::Tensor nearness = (1 - (pixels.view({-1, 1}) * cells - line).abs()).clamp_min_(0);
	return nearness.square() * (3 - 2 * nearness);
}

// Transposed, one below the other.
at::Tensor noise_tiles()
{
	std::vector<at::Tensor> tiles;
	for (int roughness = 0; roughness < noise_roughnesses; roughness++)
		tiles.push_back(at::tensor(noise_tile(roughness)).view({noise_side, noise_side}).t());
	return at::cat(tiles);
}

// The row of the lattice of noise before each pixel, the one behind it, and how near that is: (B, size).
struct Between {
	at::Tensor before, behind, share;
};
Between place(const at::Tensor &from, const at::Tensor &scale, int64_t size)
{
	const at::Tensor pixels = at::arange(size, from.device()).to(at::kFloat);
	const at::Tensor at = (pixels * scale.view({-1, 1})).add_(from.view({-1, 1})).mul_(noise_unit);
	const at::Tensor floor = at.floor(), before = floor.to(at::kLong);
	return {before.remainder(noise_side), (before + 1).remainder(noise_side), at - floor};
}

at::Tensor picked(const at::Tensor &rows, const Between &places, const at::Tensor &first)
{
	const auto rows_at = [&](const at::Tensor &places_in_tile) {
		return rows.index_select(0, (places_in_tile + first.view({-1, 1})).flatten());
	};
	return rows_at(places.before).lerp_(rows_at(places.behind), places.share.reshape({-1, 1}));
}

} // namespace

Field::Field(Random &random, int cells_) : cells(cells_)
{
	for (int i = 0; i < (cells + 1) * (cells + 1); i++)
		lattice.push_back(static_cast<float>(random.between(-1, 1)));
}

at::Tensor smooth_fields(const std::vector<Field> &fields, const Extent &extent)
{
	constexpr size_t lines = Field::most_cells + 1;
	std::vector<float> lattices(fields.size() * lines * lines);
	for (size_t i = 0; i < fields.size(); i++) {
		const auto own = static_cast<size_t>(fields[i].cells) + 1;
		for (size_t row = 0; row < own; row++)
			std::copy_n(fields[i].lattice.begin() + static_cast<ptrdiff_t>(row * own), own,
				    lattices.begin() + static_cast<ptrdiff_t>((i * lines + row) * lines));
	}
	const at::Tensor lattice = to_device(lattices, extent.device).view({-1, lines, lines});
	const at::Tensor rows = shares(fields, extent.height, extent.device).bmm(lattice);
	return rows.bmm(shares(fields, extent.width, extent.device).transpose(1, 2)).unsqueeze(1);
}

Patches::Patches(Random &random)
	: field(random, random.integer(2, Field::most_cells)), sharpness(random.log_between(1, 12)),
	  level(random.between(-0.3, 0.3))
{
}

at::Tensor patches(const std::vector<Patches> &patches, const Extent &extent)
{
	return smooth_fields(each(patches, &Patches::field), extent)
		.sub_(numbers(patches, &Patches::level, extent.device))
		.mul_(numbers(patches, &Patches::sharpness, extent.device))
		.add_(0.5)
		.clamp_(0, 1);
}

// Noise between the lines of a lattice: first its columns, then its rows.
at::Tensor noise(const std::vector<Noise> &noises, const Extent &extent)
{
	static Constant tiles(noise_tiles);
	const auto number = [&](auto member) {
		return numbers(noises, member, extent.device);
	};
	const at::Tensor tile = number(&Noise::roughness).to(at::kLong) * noise_side;
	const at::Tensor columns =
		picked(tiles.on(extent.device), place(number(&Noise::x0), number(&Noise::scale_x), extent.width),
		       tile); // (B * W, side)
	const auto count = static_cast<int64_t>(noises.size());
	const at::Tensor rows = columns.view({count, extent.width, noise_side})
					.transpose(1, 2)
					.reshape({count * noise_side, extent.width});
	const at::Tensor first = at::arange(count, extent.device) * noise_side;
	return picked(rows, place(number(&Noise::y0), number(&Noise::scale_y), extent.height), first)
		.view({count, 1, extent.height, extent.width});
}

} // namespace matting::training
