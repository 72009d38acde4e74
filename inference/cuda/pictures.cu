// SPDX-License-Identifier: GPL-2.0-or-later
// Between pictures of bytes and the network's maps: one thread to a pixel, 256 neighbours to a block.
#include "launch.cuh"

namespace matting::cuda {
namespace {

__global__ void repeat_edge_kernel(PixelView stored, int width, int height)
{
	const int y = item_number() / stored.width, x = item_number() % stored.width;
	if (y >= stored.height || (y < height && x < width))
		return;
	*reinterpret_cast<uchar4 *>(const_cast<uint8_t *>(pixel_at(stored, y, x))) =
		*reinterpret_cast<const uchar4 *>(pixel_at(stored, min(y, height - 1), min(x, width - 1)));
}

template<typename Number> __global__ void downsample_kernel(PixelView stored, MapView<Number> out)
{
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

template<typename Number>
__global__ void compose_kernel(MapView<Number> coarse, PixelView source, const uint8_t *mask, OutputView output)
{
	const int y = item_number() / source.width, x = item_number() % source.width;
	if (y >= source.height || mask[y / cell * (source.width / cell) + x / cell] != 0)
		return;
	float mixed[8];
	mix_octet(coarse, tap_at(y, coarse.height, source.height), tap_at(x, coarse.width, source.width), 0, mixed);
	const float values[4] = {mixed[0], mixed[1], mixed[2], mixed[3]};
	finish_pixel(values, source, y, x, output);
}

template<typename Number>
__global__ void show_kernel(View view, MapView<Number> coarse, const uint8_t *mask, PixelView result)
{
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

} // namespace

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
	launch(compose_kernel<Number>, blocks_for(pixels(source)), threads_per_block, stream, coarse, source, mask,
	       output);
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
