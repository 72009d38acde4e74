// SPDX-License-Identifier: GPL-2.0-or-later
// Edges, solved with the plate: one thread to a cell or a pixel. As fast/edge_solver.cpp does it.
#include "edges.cuh"

namespace matting::cuda {
inline namespace edges_kernels {

__global__ void classify_kernel(PixelView source, PixelView plate, PixelView matte, Plane flags)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / flags.width, x = item_number() % flags.width;
	if (y >= flags.height)
		return;
	int lowest = 255, highest = 0;
	for_pixels(matte, y, x, [&](int row, int column) {
		const int alpha = load(matte, row, column).w;
		lowest = min(lowest, alpha);
		highest = max(highest, alpha);
	});
	const bool is_visible = highest > edge_clear, is_open = lowest < edge_solid;
	const auto pixels = [y, x](const PixelView &from) {
		return [from, y, x](int i, int c) -> int {
			return pixel_at(from, min(cell * y + i, from.height - 1), min(cell * x + i, from.width - 1))[c];
		};
	};
	const bool is_alike = is_visible && edge_is_alike(pixels(source), pixels(plate));
	*flags_at(flags, y, x) = static_cast<uint8_t>((is_visible && is_open ? soft : 0) | (is_visible ? visible : 0) |
						      (is_open ? open : 0) | (is_alike ? alike : 0));
}

__global__ void texture_kernel(PixelView source, PixelView plate, Plane flags, EdgeSights sights)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / sights.width, x = item_number() % sights.width;
	if (y >= sights.height)
		return;
	bool is_asked = false;
	edge_around(sights, y, x, [&](int at) { is_asked |= (flags.data[at] & alike) != 0; });
	if (!is_asked)
		return;
	int sums[EdgeTexture::count]{};
	for_pixels(source, y, x, [&](int row, int column) {
		const uchar4 own = load(source, row, column), other = load(plate, row, column);
		const int values[] = {own.x, own.y, own.z}, others[] = {other.x, other.y, other.z};
		for (int c = 0; c < 3; c++) {
			sums[EdgeTexture::source + c] += values[c];
			sums[EdgeTexture::plate + c] += others[c];
			sums[EdgeTexture::source_square] += values[c] * values[c];
			sums[EdgeTexture::plate_square] += others[c] * others[c];
			sums[EdgeTexture::product] += values[c] * others[c];
		}
	});
	for (int i = 0; i < EdgeTexture::count; i++)
		sights.textures[item_number()].values[i] =
			static_cast<float>(sums[i]) * (i < EdgeTexture::source_square ? edge_mean : edge_mean_square);
}

__global__ void guess_kernel(Plane flags, EdgeSights sights)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / sights.width, x = item_number() % sights.width;
	if (y < sights.height)
		sights.guessed[item_number()] = *flags_at(flags, y, x) & alike ? edge_guess(sights, y, x) : 0;
}

/// What shows the plate becomes soft.
__global__ void through_kernel(Plane flags, EdgeSights sights)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / sights.width, x = item_number() % sights.width;
	if (y >= sights.height)
		return;
	const float through = edge_through(sights, y, x);
	sights.through[item_number()] = through;
	if (through > edge_sure)
		*flags_at(flags, y, x) |= soft | open;
}

/// How many cells each flag reaches; below 0: it is left out.
struct Reach {
	int soft, visible, hole;
};

__global__ void spread_kernel(Plane from, Plane to, Reach reach, bool in_columns)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / to.width, x = item_number() % to.width;
	if (y >= to.height)
		return;
	const int farthest = max(max(reach.soft, reach.visible), reach.hole);
	unsigned found = 0;
	for (int i = -farthest; i <= farthest; i++) {
		const int row = in_columns ? y + i : y, column = in_columns ? x : x + i;
		if (row < 0 || row >= from.height || column < 0 || column >= from.width)
			continue;
		const int distance = i < 0 ? -i : i;
		found |= *flags_at(from, row, column) &
			 ((distance <= reach.soft ? soft : 0) | (distance <= reach.visible ? visible : 0) |
			  (distance <= reach.hole ? hole : 0));
	}
	*flags_at(to, y, x) = static_cast<uint8_t>(found);
}

struct Sums {
	int colours[3], products[6], count, fault, alpha, seen;
};

__device__ Sums sums_of(const PixelView &source, const PixelView &plate, const PixelView &matte, int y, int x)
{
	Sums sums{};
	for_pixels(matte, y, x, [&](int row, int column) {
		const uchar4 own = load(source, row, column), other = load(plate, row, column);
		const int values[] = {own.x, own.y, own.z}, alpha = load(matte, row, column).w;
		const int red = own.x - other.x, green = own.y - other.y, blue = own.z - other.z;
		const int fault = red * red + green * green + blue * blue, differs = fault > edge_same ? 1 : 0;
		sums.fault += fault;
		sums.alpha += alpha;
		sums.seen += differs ? 0 : alpha;
		sums.count += differs;
		for (int c = 0, product = 0; differs && c < 3; c++) {
			sums.colours[c] += values[c];
			for (int other = c; other < 3; other++)
				sums.products[product++] += values[c] * values[other];
		}
	});
	return sums;
}

__global__ void gather_kernel(PixelView source, PixelView plate, PixelView matte, Plane flags, Plane near,
			      EdgeSights sights, EdgeLevel level)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / flags.width, x = item_number() % flags.width;
	if (y >= flags.height)
		return;
	uint8_t *own = flags_at(flags, y, x);
	const uint8_t around = *flags_at(near, y, x);
	EdgeCell &to = level.cells[item_number()];
	to = {};
	const bool is_solid = !(*own & open);
	if (!is_solid && !(around & soft))
		return;
	const Sums sums = sums_of(source, plate, matte, y, x);
	const float fault = static_cast<float>(sums.fault) * edge_mean_square,
		    seen = static_cast<float>(sums.seen) * edge_mean;
	if (is_solid) {
		for (int c = 0; c < 3; c++)
			to.values[c] = static_cast<float>(sums.colours[c]) * edge_mean;
		for (int i = 0; i < 6; i++)
			to.values[EdgeCell::products + i] = static_cast<float>(sums.products[i]) * edge_mean_square;
		to.values[EdgeCell::solid] = static_cast<float>(sums.count) * (1.0f / 16);
	}
	if (!(around & visible)) {
		to.values[EdgeCell::fault] = fault;
		to.values[EdgeCell::clear] = 1;
	}
	const float covered = 1 - sights.through[item_number()];
	to.values[EdgeCell::alpha] = static_cast<float>(sums.alpha) * edge_mean * covered;
	to.values[EdgeCell::seen] = seen * covered;
	if (is_solid && (fault < edge_hole || seen > edge_seen))
		*own |= hole;
}

__global__ void halve_kernel(EdgeLevel from, EdgeLevel to)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / to.width, x = item_number() % to.width;
	if (y < to.height)
		to.cells[item_number()] = edge_halved(from, y, x);
}

__global__ void fill_kernel(EdgeLevel level, EdgeLevel coarser)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / level.width, x = item_number() % level.width;
	if (y < level.height)
		level.cells[item_number()] = edge_filled(level.cells[item_number()], coarser, y, x);
}

__global__ void look_kernel(EdgeMaps maps)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const EdgeLevel &finest = maps.levels[0];
	const int y = item_number() / finest.width, x = item_number() % finest.width;
	if (y < finest.height)
		maps.looks[item_number()] = edge_look(maps.levels, maps.sights, y, x);
}

/// Opens holes, and says what else there is to do. What is clear has the colour of what is solid around it then, until it is
/// settled.
__global__ void solve_kernel(PixelView source, PixelView plate, PixelView matte, EdgeMaps maps, float strength)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / matte.width, x = item_number() % matte.width;
	if (y >= matte.height)
		return;
	EdgeChange &to = maps.changes[item_number()];
	const uchar4 own = load(source, y, x), before = load(matte, y, x);
	if (*flags_at(maps.near, y / cell, x / cell) == 0 || own.w != 255) {
		to = {};
		return;
	}
	const EdgePixel<float> pixel = edge_pixel(colour_of(own), colour_of(load(plate, y, x)), before, maps, y, x);
	float features[EdgeNetwork::features];
	const float shown = edge_features(pixel, features), opened = edge_opened(pixel.alpha, shown, strength);
	to.change = __float2half(edge_change(opened, shown, edge_alpha(*maps.network, features)));
	to.noise = __float2half(fminf(edge_noise(pixel, shown), 4.0f));
	const auto byte = [](float value) {
		return static_cast<unsigned char>(value * 255 + 0.5f);
	};
	uchar4 after = before;
	if (before.w == 0)
		after = make_uchar4(byte(pixel.look[0]), byte(pixel.look[1]), byte(pixel.look[2]), 0);
	after.w = byte(opened);
	*reinterpret_cast<uchar4 *>(const_cast<uint8_t *>(pixel_at(matte, y, x))) = after;
}

/// What the changes say, without their noise.
__global__ void settle_kernel(PixelView source, PixelView matte, EdgeMaps maps, float strength)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / matte.width, x = item_number() % matte.width;
	if (y >= matte.height || *flags_at(maps.near, y / cell, x / cell) == 0 || load(source, y, x).w != 255)
		return;
	constexpr int around = edge_around_pixels;
	float mean = 0, square = 0;
	for (int column = -around; column <= around; column++) {
		float means = 0, squares = 0;
		for (int row = -around; row <= around; row++) {
			const int at = min(max(y + row, 0), matte.height - 1) * matte.width +
				       min(max(x + column, 0), matte.width - 1);
			const float change = __half2float(maps.changes[at].change),
				    weighted = change * edge_weight(row);
			means += weighted;
			squares += weighted * change;
		}
		mean += means * edge_weight(column);
		square += squares * edge_weight(column);
	}
	const EdgeChange &own = maps.changes[item_number()];
	const float settled = edge_settled(__half2float(own.change), mean, square, __half2float(own.noise));
	uchar4 after = load(matte, y, x);
	after.w = static_cast<unsigned char>(
		edge_bounded(static_cast<float>(after.w) + settled * strength * 255, 0.0f, 255.0f) + 0.5f);
	if (after.w == 0)
		after = make_uchar4(0, 0, 0, 0);
	*reinterpret_cast<uchar4 *>(const_cast<uint8_t *>(pixel_at(matte, y, x))) = after;
}

void spread(const Plane &from, const EdgeMaps &maps, const Reach &reach, cudaStream_t stream)
{
	const dim3 blocks = blocks_for(int64_t{1} * from.height * from.width);
	launch(spread_kernel, blocks, threads_per_block, stream, from, maps.in_rows, reach, false);
	launch(spread_kernel, blocks, threads_per_block, stream, maps.in_rows, maps.near, reach, true);
}

dim3 blocks_of(const EdgeLevel &level)
{
	return blocks_for(int64_t{1} * level.height * level.width);
}

} // namespace edges_kernels

void solve_edges(const PixelView &source, const PixelView &plate, const PixelView &matte, const EdgeMaps &maps,
		 float strength, cudaStream_t stream)
{
	const dim3 cells = blocks_of(maps.levels[0]);
	launch(classify_kernel, cells, threads_per_block, stream, source, plate, matte, maps.flags);
	launch(texture_kernel, cells, threads_per_block, stream, source, plate, maps.flags, maps.sights);
	launch(guess_kernel, cells, threads_per_block, stream, maps.flags, maps.sights);
	launch(through_kernel, cells, threads_per_block, stream, maps.flags, maps.sights);
	spread(maps.flags, maps, {.soft = edge_sight, .visible = 2, .hole = -1}, stream);
	launch(gather_kernel, cells, threads_per_block, stream, source, plate, matte, maps.flags, maps.near,
	       maps.sights, maps.levels[0]);
	for (int i = 1; i < edge_levels; i++)
		launch(halve_kernel, blocks_of(maps.levels[i]), threads_per_block, stream, maps.levels[i - 1],
		       maps.levels[i]);
	for (int i = edge_levels - 1; i >= 0; i--)
		launch(fill_kernel, blocks_of(maps.levels[i]), threads_per_block, stream, maps.levels[i],
		       i + 1 < edge_levels ? maps.levels[i + 1] : EdgeLevel{nullptr, 1, 1});
	launch(look_kernel, cells, threads_per_block, stream, maps);
	spread(maps.flags, maps, {.soft = edge_reach, .visible = -1, .hole = 1}, stream);
	const dim3 pixels = blocks_for(int64_t{1} * matte.height * matte.width);
	launch(solve_kernel, pixels, threads_per_block, stream, source, plate, matte, maps, strength);
	launch(settle_kernel, pixels, threads_per_block, stream, source, matte, maps, strength);
}

} // namespace matting::cuda
