// SPDX-License-Identifier: GPL-2.0-or-later
// Convolutions in fp16, on the tensor cores.
//
//     block: 4 warps, below one another; a warp has `row_tiles` x 16 pixels and all `column_tiles` x 8 channels
//
//                      channels
//                   +-----------+
//            warp 0 | 16 pixels |      depth runs through shared memory in steps of 32, three or four in flight:
//            warp 1 |           |      pixels x 32 and channels x 32 halves, rows 40 apart, so that the eight rows
//            warp 2 |           |      that load_matrices reads at once lie in different banks
//            warp 3 |           |
//                   +-----------+
//
// Note [Splitting long sums]
// Deep layers have few pixels, so that few blocks would each go a long way: several share a tile instead, each with
// its part of the depth. They leave their sums in the workspace; who comes last (by the tile's ticket) adds them up,
// always in the same order.
#include "convolution.cuh"

#include "inference/cuda/tensor_core.cuh"

#include <algorithm>

namespace matting::cuda {
inline namespace convolution_half_kernels {

constexpr int warps = 4, threads = 32 * warps;
constexpr int step_depth = 32, step_octets = step_depth / 8, pitch = step_depth + 8;

template<int row_tiles, int column_tiles> struct alignas(16) Tile {
	static constexpr int pixels = warps * row_tiles * 16, channels = column_tiles * 8;
	static constexpr int loads = pixels * step_octets / threads; // of each thread, of the input, in a step
	static constexpr int sums = row_tiles * column_tiles * 4;    // of each thread
	using Sums = float[row_tiles][column_tiles][4];
	static constexpr int stages = row_tiles == 1 ? 4 : 3; // of the 48 KB that every card has
	half in[stages][pixels * pitch];
	half weights[stages][channels * pitch];
	Bounds<channels> bounds;
};

template<int row_tiles, int column_tiles> class Loader {
	using Tile = cuda::Tile<row_tiles, column_tiles>;

public:
	__device__ Loader(const ConvolutionArguments<half> &arguments, Tile &tile, int first_step)
		: arguments_(arguments), tile_(tile),
		  cursor_(first_step * step_octets + slot(), arguments.layer.octets, arguments.layer.kernel)
	{
		const int first = static_cast<int>(blockIdx.x) * Tile::pixels + row();
#pragma unroll
		for (int i = 0; i < Tile::loads; i++)
			windows_[i] = window_of(arguments, first + i * rows_at_once);
		weights_ = arguments.layer.weights +
			   static_cast<int64_t>(blockIdx.y * Tile::channels + row()) * depth() +
			   first_step * step_depth + 8 * slot();
	}

	/// The next step's input, into the stage.
	__device__ void load_input(int stage)
	{
#pragma unroll
		for (int i = 0; i < Tile::loads; i++) {
			const half *from = cursor_.input(arguments_.in, windows_[i], arguments_.layer.dilation);
			copy_asynchronously(&tile_.in[stage][place() + i * rows_at_once * pitch],
					    from ? from : arguments_.in.data, from != nullptr);
		}
		cursor_.advance(step_octets);
	}
	/// The next step's weights.
	__device__ void load_weights(int stage)
	{
#pragma unroll
		for (int i = 0; i < (Tile::channels + rows_at_once - 1) / rows_at_once; i++)
			if (Tile::channels % rows_at_once == 0 || row() + i * rows_at_once < Tile::channels)
				copy_asynchronously(&tile_.weights[stage][place() + i * rows_at_once * pitch],
						    weights_ + static_cast<int64_t>(i) * rows_at_once * depth(), true);
		weights_ += step_depth;
	}

private:
	static constexpr int rows_at_once = threads / step_octets;
	__device__ static int slot()
	{
		return static_cast<int>(threadIdx.x) % step_octets;
	}
	__device__ static int row()
	{
		return static_cast<int>(threadIdx.x) / step_octets;
	}
	/// In a stage, of the thread's first 16 bytes.
	__device__ static int place()
	{
		return row() * pitch + 8 * slot();
	}
	__device__ int depth() const
	{
		return arguments_.layer.steps * step_depth;
	}

	const ConvolutionArguments<half> &arguments_;
	Tile &tile_;
	Window windows_[Tile::loads];
	DepthCursor cursor_;
	const half *weights_;
};

template<int row_tiles, int column_tiles>
__device__ void multiply_step(const Tile<row_tiles, column_tiles> &tile, int stage,
			      typename Tile<row_tiles, column_tiles>::Sums &sums)
{
	const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
	const half *in = tile.in[stage] + (warp * row_tiles * 16 + lane % 16) * pitch + lane / 16 * 8;
	const half *weights = tile.weights[stage] + (lane / 16 * 8 + lane % 8) * pitch + lane / 8 % 2 * 8;
#pragma unroll
	for (int depth = 0; depth < step_depth; depth += 16) {
		uint32_t a[row_tiles][4];
#pragma unroll
		for (int row = 0; row < row_tiles; row++)
			load_matrices(a[row], in + row * 16 * pitch + depth);
#pragma unroll
		for (int column = 0; column < column_tiles; column += 2) {
			uint32_t b[4];
			load_matrices(b, weights + column * 8 * pitch + depth);
#pragma unroll
			for (int row = 0; row < row_tiles; row++) {
				multiply(sums[row][column], a[row], b[0], b[1]);
				multiply(sums[row][column + 1], a[row], b[2], b[3]);
			}
		}
	}
}

/// False: another block will finish the tile. See Note [Splitting long sums].
template<int row_tiles, int column_tiles>
__device__ bool add_up_splits(const ConvolutionArguments<half> &arguments,
			      typename Tile<row_tiles, column_tiles>::Sums &sums)
{
	constexpr int count = row_tiles * column_tiles; // of quadruples
	const auto quadruple = [&](int i) -> float(&)[4] {
		return sums[i / column_tiles][i % column_tiles];
	};
	__shared__ bool is_last;
	const unsigned tile = blockIdx.x + blockIdx.y * gridDim.x;
	float4 *parts = reinterpret_cast<float4 *>(arguments.workspace.partial) +
			static_cast<int64_t>(tile) * arguments.splits * count * threads + threadIdx.x;
	float4 *own = parts + static_cast<int64_t>(blockIdx.z) * count * threads;
#pragma unroll
	for (int i = 0; i < count; i++) {
		const auto &own_sums = quadruple(i);
		own[i * threads] = make_float4(own_sums[0], own_sums[1], own_sums[2], own_sums[3]);
	}
	__threadfence();
	__syncthreads();
	if (threadIdx.x == 0) {
		unsigned *ticket = arguments.workspace.tickets + tile;
		is_last = atomicAdd(ticket, 1u) == static_cast<unsigned>(arguments.splits) - 1;
		if (is_last)
			*ticket = 0; // for the next layer
	}
	__syncthreads();
	if (!is_last)
		return false;
	__threadfence();
#pragma unroll
	for (int i = 0; i < count; i++)
		for (float &sum : quadruple(i))
			sum = 0;
	[[maybe_unused]] constexpr int at_once = 16 / count; // splits whose parts are on their way together
#pragma unroll(at_once)
	for (int split = 0; split < arguments.splits; split++)
#pragma unroll
		for (int i = 0; i < count; i++) {
			const float4 part = __ldcg(parts + (static_cast<int64_t>(split) * count + i) * threads);
			auto &total = quadruple(i);
			total[0] += part.x, total[1] += part.y, total[2] += part.z, total[3] += part.w;
		}
	return true;
}

template<int row_tiles, int column_tiles>
__device__ void finish_sums(const ConvolutionArguments<half> &arguments, const Tile<row_tiles, column_tiles> &tile,
			    const typename Tile<row_tiles, column_tiles>::Sums &sums)
{
	using Tile = cuda::Tile<row_tiles, column_tiles>;
	const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
	const int first_pixel = static_cast<int>(blockIdx.x) * Tile::pixels + warp * row_tiles * 16 + lane / 4;
	const int first_channel = static_cast<int>(blockIdx.y) * Tile::channels;
#pragma unroll
	for (int column = 0; column < column_tiles; column++) {
		const int channel = column * 8 + lane % 4 * 2;
		const PairEnd<half> end(arguments, tile.bounds, first_channel + channel, channel);
#pragma unroll
		for (int row = 0; row < row_tiles; row++)
#pragma unroll
			for (int lower = 0; lower < 2; lower++)
				end.finish(first_pixel + row * 16 + lower * 8, sums[row][column][2 * lower],
					   sums[row][column][2 * lower + 1]);
	}
}

template<int row_tiles, int column_tiles>
__global__ void __launch_bounds__(threads) convolve_kernel(ConvolutionArguments<half> arguments)
{
	using Tile = cuda::Tile<row_tiles, column_tiles>;
	__shared__ Tile tile;
	const int steps = arguments.layer.steps, split = static_cast<int>(blockIdx.z);
	const int first = steps * split / arguments.splits, last = steps * (split + 1) / arguments.splits;

	Loader<row_tiles, column_tiles> loader(arguments, tile, first);
	for (int i = 0; i < Tile::stages - 1 && first + i < last; i++)
		loader.load_weights(i);
	tile.bounds.load(arguments.layer, static_cast<int>(blockIdx.y) * Tile::channels);
	wait_for_earlier_kernels();
	for (int i = 0; i < Tile::stages - 1; i++) {
		if (first + i < last)
			loader.load_input(i);
		close_group(); // the first has all those weights too
	}
	typename Tile::Sums sums = {};
	for (int step = first; step < last; step++) {
		wait_for_groups<Tile::stages - 2>();
		__syncthreads(); // this step is there for all, and nobody reads the one before any more
		if (const int next = step + Tile::stages - 1; next < last) {
			loader.load_weights((next - first) % Tile::stages);
			loader.load_input((next - first) % Tile::stages);
		}
		close_group();
		multiply_step(tile, (step - first) % Tile::stages, sums);
	}
	start_later_kernels();
	if (arguments.splits == 1 || add_up_splits<row_tiles, column_tiles>(arguments, sums))
		finish_sums<row_tiles, column_tiles>(arguments, tile, sums);
}

template<int row_tiles, int column_tiles> void start(ConvolutionArguments<half> arguments, cudaStream_t stream)
{
	using Tile = cuda::Tile<row_tiles, column_tiles>;
	static_assert(Tile::sums * threads <= Workspace::block_floats || row_tiles > 1);
	const int pixels = arguments.out.height * arguments.out.width;
	const int rows = divide_up(pixels, Tile::pixels), columns = divide_up(arguments.layer.channels, Tile::channels);
	// Two blocks for each multiprocessor, but no block with less than four steps; twice as many if they are long.
	const auto splits = [&](int blocks_each, int least_steps) {
		return std::clamp(blocks_each * arguments.workspace.multiprocessors / (rows * columns), 1,
				  std::max(1, arguments.layer.steps / least_steps));
	};
	arguments.splits = std::max(splits(2, 4), splits(4, 8));
	if (row_tiles > 1 || rows * columns * arguments.splits > Workspace::max_blocks)
		arguments.splits = 1;
	constexpr int short_sum = 8;
	launch(arguments.layer.steps / arguments.splits <= short_sum ? Start::early : Start::when_empty,
	       convolve_kernel<row_tiles, column_tiles>,
	       dim3(static_cast<unsigned>(rows), static_cast<unsigned>(columns),
		    static_cast<unsigned>(arguments.splits)),
	       threads, stream, arguments);
}

// Few pixels: small tiles, so that there are blocks enough.
template<int column_tiles> void start(const ConvolutionArguments<half> &arguments, cudaStream_t stream)
{
	const int blocks = divide_up(arguments.out.height * arguments.out.width, Tile<2, column_tiles>::pixels) *
			   divide_up(arguments.layer.channels, 8 * column_tiles);
	if (blocks >= arguments.workspace.multiprocessors)
		start<2, column_tiles>(arguments, stream);
	else
		start<1, column_tiles>(arguments, stream);
}

} // namespace convolution_half_kernels

template<>
void convolve(const ConvolutionWeights<half> &weights, const MapView<half> &in, const MapView<half> &out,
	      const MapView<half> &add, const Workspace &workspace, cudaStream_t stream)
{
	const ConvolutionArguments<half> arguments{weights, in, out, add, 1, workspace};
	// The width that computes the fewest channels in vain; of equal ones the widest.
	int best = 64;
	for (const int width : {48, 32, 16})
		if (divide_up(weights.channels, width) * width < divide_up(weights.channels, best) * best)
			best = width;
	switch (best) {
	case 64:
		return start<8>(arguments, stream);
	case 48:
		return start<6>(arguments, stream);
	case 32:
		return start<4>(arguments, stream);
	default:
		return start<2>(arguments, stream);
	}
}

} // namespace matting::cuda
