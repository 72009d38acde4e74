// SPDX-License-Identifier: GPL-2.0-or-later
// Between pictures of bytes and the network's maps: one thread to a pixel, 256 neighbours to a block.
#include "launch.cuh"

namespace matting::cuda {
inline namespace pictures_kernels {

__global__ void repeat_edge_kernel(PixelView stored, int width, int height)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / stored.width, x = item_number() % stored.width;
	if (y >= stored.height || (y < height && x < width))
		return;
	*reinterpret_cast<uchar4 *>(const_cast<uint8_t *>(pixel_at(stored, y, x))) =
		*reinterpret_cast<const uchar4 *>(pixel_at(stored, min(y, height - 1), min(x, width - 1)));
}

template<typename Number> __global__ void downsample_kernel(PixelView stored, MapView<Number> out)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / out.width, x = item_number() % out.width;
	if (y >= out.height)
		return;
	const Tap row = tap_at(y, stored.height, out.height), column = tap_at(x, stored.width, out.width);
	const auto mix = [&](int in_y) -> Colour {
		const Colour a = load_colour(pixel_at(stored, in_y, column.first)),
			     b = load_colour(pixel_at(stored, in_y, column.second));
		const float left = 1 - column.share;
		return {left * a.red + column.share * b.red, left * a.green + column.share * b.green,
			left * a.blue + column.share * b.blue};
	};
	const Colour upper = mix(row.first), lower = mix(row.second);
	Number *to = const_cast<Number *>(pixel_at(out, y, x));
	store(to, (1 - row.share) * upper.red + row.share * lower.red);
	store(to + 1, (1 - row.share) * upper.green + row.share * lower.green);
	store(to + 2, (1 - row.share) * upper.blue + row.share * lower.blue);
}

struct alignas(16) FourPixels {
	uchar4 pixels[cell];
};

// Rows of cells can be written at once.
__device__ bool has_whole_cells(const OutputView &output)
{
	return !output.exact && output.picture.width % cell == 0 && output.picture.pitch % 16 == 0 &&
	       reinterpret_cast<uintptr_t>(output.picture.data) % 16 == 0;
}

// One thread to a row of a cell.
template<typename Number>
__global__ void compose_kernel(MapView<Number> coarse, PixelView source, const uint8_t *mask, OutputView output)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int cells = source.width / cell, y = item_number() / cells, cell_x = item_number() % cells;
	if (y >= source.height || mask[y / cell * cells + cell_x] != 0)
		return;
	const Tap row = tap_at(y, coarse.height, source.height);
	const int first_x = cell_x * cell;
	float values[cell][4];
#pragma unroll
	for (int i = 0; i < cell; i++)
		mix_four(coarse, row, tap_at(first_x + i, coarse.width, source.width), values[i]);
	if (!has_whole_cells(output) || y >= output.picture.height) {
		for (int i = 0; i < cell; i++)
			finish_pixel(values[i], source, y, first_x + i, output);
		return;
	}
	FourPixels four = *reinterpret_cast<const FourPixels *>(pixel_at(source, y, first_x));
#pragma unroll
	for (int i = 0; i < cell; i++)
		four.pixels[i] =
			finished(matted(values[i], colour_of(four.pixels[i])), four.pixels[i].w, output.keeps_alpha);
	*reinterpret_cast<FourPixels *>(const_cast<uint8_t *>(pixel_at(output.picture, y, first_x))) = four;
}

template<typename Number>
__global__ void show_kernel(View view, MapView<Number> coarse, const uint8_t *mask, PixelView result)
{
	wait_for_earlier_kernels();
	start_later_kernels();
	const int y = item_number() / result.width, x = item_number() % result.width;
	if (y >= result.height)
		return;
	const auto padded = [](int size) { // padded_size, on a card
		return (size + cell - 1) / cell * cell;
	};
	const int height = padded(result.height), width = padded(result.width);
	auto *pixel = reinterpret_cast<uchar4 *>(const_cast<uint8_t *>(pixel_at(result, y, x)));
	uchar4 shown = *pixel;
	unsigned char grey = shown.w;
	if (view == View::refined)
		grey = mask[y / cell * (width / cell) + x / cell] != 0 ? 255 : 0;
	else if (view == View::error)
		grey = static_cast<unsigned char>(mix_channel(coarse, tap_at(y, coarse.height, height),
							      tap_at(x, coarse.width, width), coarse::error) *
							  255 +
						  0.5f);
	if (view != View::foreground)
		shown = make_uchar4(grey, grey, grey, 255);
	shown.w = 255;
	*pixel = shown;
}

int64_t pixels(const PixelView &view)
{
	return int64_t{1} * view.height * view.width;
}

} // namespace pictures_kernels

void repeat_edge(const PixelView &stored, int width, int height, cudaStream_t stream)
{
	if (width < stored.width || height < stored.height)
		launch(repeat_edge_kernel, blocks_for(pixels(stored)), threads_per_block, stream, stored, width,
		       height);
}

template<typename Number> void downsample(const PixelView &stored, const MapView<Number> &out, cudaStream_t stream)
{
	launch(downsample_kernel<Number>, blocks_for(int64_t{1} * out.height * out.width), threads_per_block, stream,
	       stored, out);
}

template<typename Number>
void compose(const MapView<Number> &coarse, const PixelView &source, const uint8_t *mask, const OutputView &output,
	     cudaStream_t stream)
{
	launch(compose_kernel<Number>, blocks_for(pixels(source) / cell), threads_per_block, stream, coarse, source,
	       mask, output);
}

template<typename Number>
void show(View view, const MapView<Number> &coarse, const uint8_t *mask, const PixelView &result, cudaStream_t stream)
{
	launch(show_kernel<Number>, blocks_for(pixels(result)), threads_per_block, stream, view, coarse, mask, result);
}

#define MATTING_INSTANTIATE(Number)                                                                                    \
	template void downsample(const PixelView &, const MapView<Number> &, cudaStream_t);                            \
	template void compose(const MapView<Number> &, const PixelView &, const uint8_t *, const OutputView &,         \
			      cudaStream_t);                                                                           \
	template void show(View, const MapView<Number> &, const uint8_t *, const PixelView &, cudaStream_t);
MATTING_INSTANTIATE(half)
MATTING_INSTANTIATE(float)

} // namespace matting::cuda
