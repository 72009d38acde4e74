// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU's kernels one by one, on the shapes that HD gives them; convolutions beside LibTorch's.
//     build/release/kernel_benchmarks [--benchmark_filter=...]
#include "inference/fast/cpu_convolution.hpp"
#include "inference/fast/cpu_maps.hpp"
#include "inference/fast/cpu_refiner.hpp"

#include <benchmark/benchmark.h>

namespace matting {
namespace {

struct Shape {
	const char *name;
	int height, width, in, out, kernel, stride, padding, dilation;
};

constexpr std::array shapes{Shape{"backbone, first", 270, 480, 6, 32, 3, 2, 1, 1},
			    Shape{"backbone, expand", 135, 240, 16, 96, 1, 1, 0, 1},
			    Shape{"backbone, project", 17, 30, 960, 160, 1, 1, 0, 1},
			    Shape{"aspp, rate 6", 17, 30, 320, 256, 3, 1, 6, 6},
			    Shape{"decoder, conv1", 34, 60, 288, 128, 3, 1, 1, 1},
			    Shape{"decoder, conv2", 68, 120, 152, 64, 3, 1, 1, 1},
			    Shape{"decoder, conv3", 135, 240, 80, 48, 3, 1, 1, 1},
			    Shape{"decoder, conv4", 270, 480, 54, 37, 3, 1, 1, 1}};

LayerWeights random_layer(const Shape &shape)
{
	const auto bounds = [&](float value) {
		return at::full({shape.out}, value);
	};
	return {at::rand({shape.out, shape.in, shape.kernel, shape.kernel}) - 0.5,
		at::rand({shape.out}),
		bounds(0),
		bounds(6),
		shape.stride,
		shape.padding,
		shape.dilation};
}

Map map_of(const at::Tensor &tensor, int channels)
{
	const auto size = [&](int dimension) {
		return static_cast<int>(tensor.size(dimension));
	};
	return {static_cast<uint8_t *>(tensor.mutable_data_ptr()),
		sizeof(float),
		size(0),
		size(1),
		channels,
		tensor.stride(0),
		tensor.stride(1),
		{}};
}

void count_operations(benchmark::State &state, const LayerWeights &weights, int64_t pixels)
{
	state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * static_cast<double>(weights.weight.numel() * pixels),
						       benchmark::Counter::kIsIterationInvariantRate);
}

void convolve_ours(benchmark::State &state, const Shape &shape)
{
	const LayerWeights weights = random_layer(shape);
	const cpu::PackedLayer layer(weights);
	const at::Tensor in = at::rand({shape.height, shape.width, shape.in});
	const at::Tensor out = at::empty(
		{layer.output_size(shape.height), layer.output_size(shape.width), cpu::padded_channels(shape.out)});
	for (auto _ : state)
		cpu::convolve(layer, cpu::MapView(map_of(in, shape.in)), cpu::MapView(map_of(out, shape.out)), nullptr);
	count_operations(state, weights, out.size(0) * out.size(1));
}

void convolve_libtorch(benchmark::State &state, const Shape &shape)
{
	const torch::InferenceMode inference;
	const LayerWeights weights = random_layer(shape);
	const auto in = at::rand({1, shape.in, shape.height, shape.width}).contiguous(at::MemoryFormat::ChannelsLast);
	at::Tensor out;
	for (auto _ : state)
		out = at::conv2d(in, weights.weight, weights.bias, shape.stride, shape.padding, shape.dilation)
			      .clamp_(0, 6);
	count_operations(state, weights, out.size(2) * out.size(3));
}

void upsample(benchmark::State &state)
{
	const at::Tensor in = at::rand({135, 240, 48}), out = at::empty({270, 480, 48});
	for (auto _ : state)
		cpu::upsample(cpu::MapView(map_of(in, 48)), cpu::MapView(map_of(out, 48)));
}

void select_patches(benchmark::State &state)
{
	const at::Tensor error = at::rand({270, 480, 1});
	std::vector<float> errors;
	std::vector<uint8_t> mask(270 * 480);
	for (auto _ : state)
		cpu::select(cpu::MapView(map_of(error, 1)), Options(), 270, 480, errors, mask.data());
}
BENCHMARK(upsample)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(select_patches)->Unit(benchmark::kMillisecond)->UseRealTime();

void register_convolutions()
{
	for (const Shape &shape : shapes) {
		const std::string name = shape.name;
		benchmark::RegisterBenchmark((name + " (ours)").c_str(), convolve_ours, shape)
			->Unit(benchmark::kMillisecond)
			->UseRealTime();
		benchmark::RegisterBenchmark((name + " (LibTorch)").c_str(), convolve_libtorch, shape)
			->Unit(benchmark::kMillisecond)
			->UseRealTime();
	}
}

} // namespace
} // namespace matting

int main(int argc, char **argv)
{
	matting::register_convolutions();
	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 2;
	benchmark::RunSpecifiedBenchmarks();
}
