// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU's kernels one by one, on the shapes that HD gives them, with each instruction set; convolutions beside LibTorch's.
// And what it costs to follow the plate.
//     build/release/kernel_tests --bench [--benchmark_filter=...]
#include "inference/fast/cpu_convolution.hpp"
#include "inference/fast/cpu_maps.hpp"
#include "inference/fast/cpu_refiner.hpp"
#include "inference/plate_follower.hpp"

#include <algorithm>
#include <random>

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <gmock/gmock.h>

namespace matting {
namespace {

struct Shape {
	const char *name;
	int height, width, in, out, kernel, stride, padding, dilation;
	bool adds = false;
};

const std::array shapes{Shape{"backbone, first", 270, 480, 6, 32, 3, 2, 1, 1},
			Shape{"backbone, expand", 135, 240, 16, 96, 1, 1, 0, 1},
			Shape{"backbone, expand 1/8", 68, 120, 24, 144, 1, 1, 0, 1},
			Shape{"backbone, project 1/16", 17, 30, 384, 64, 1, 1, 0, 1, true},
			Shape{"backbone, project", 17, 30, 960, 160, 1, 1, 0, 1},
			Shape{"aspp, rate 6", 17, 30, 320, 256, 3, 1, 6, 6},
			Shape{"decoder, conv1", 34, 60, 288, 128, 3, 1, 1, 1},
			Shape{"decoder, conv2", 68, 120, 152, 64, 3, 1, 1, 1},
			Shape{"decoder, conv3", 135, 240, 80, 48, 3, 1, 1, 1},
			Shape{"decoder, conv4, everywhere", 270, 480, 54, coarse::hidden, 3, 1, 1, 1},
			Shape{"decoder, conv4, as if all were selected", 270, 480, 54, 32, 3, 1, 1, 1},
			Shape{"decoder, conv4, at once", 270, 480, 54, coarse::channels, 3, 1, 1, 1},
			Shape{"aspp, rate 3", 17, 30, 320, 256, 3, 1, 3, 3},
			Shape{"resnet, layer1", 68, 120, 64, 64, 3, 1, 1, 1},
			Shape{"resnet, layer1 expand", 68, 120, 64, 256, 1, 1, 0, 1, true},
			Shape{"resnet, layer2 expand", 34, 60, 128, 512, 1, 1, 0, 1, true},
			Shape{"resnet, layer3 reduce", 17, 30, 1024, 256, 1, 1, 0, 1},
			Shape{"resnet, layer3", 17, 30, 256, 256, 3, 1, 1, 1},
			Shape{"resnet, layer4", 17, 30, 512, 512, 3, 1, 2, 2},
			Shape{"resnet, first", 270, 480, 6, 64, 7, 2, 3, 1},
			Shape{"resnet, layer4 reduce", 17, 30, 2048, 512, 1, 1, 0, 1},
			Shape{"resnet, layer4 expand", 17, 30, 512, 2048, 1, 1, 0, 1, true},
			Shape{"resnet, aspp, rate 3", 17, 30, 2048, 256, 3, 1, 3, 3},
			Shape{"resnet, aspp, rate 6", 17, 30, 2048, 256, 3, 1, 6, 6},
			Shape{"resnet, decoder, conv1", 34, 60, 768, 128, 3, 1, 1, 1},
			Shape{"resnet, decoder, conv2", 68, 120, 384, 64, 3, 1, 1, 1}};

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

void convolve_ours(benchmark::State &state, const Shape &shape, InstructionSet set)
{
	const LayerWeights weights = random_layer(shape);
	const cpu::PackedLayer layer(weights, cpu::kernels(set));
	cpu::Scratch scratch;
	const at::Tensor in = at::rand({shape.height, shape.width, shape.in});
	const at::Tensor out = at::empty(
		{layer.output_size(shape.height), layer.output_size(shape.width), cpu::padded_channels(shape.out)});
	const at::Tensor added = at::rand_like(out);
	const cpu::MapView add(map_of(added, shape.out));
	for (auto _ : state)
		cpu::convolve(layer, cpu::MapView(map_of(in, shape.in)), cpu::MapView(map_of(out, shape.out)),
			      shape.adds ? &add : nullptr, scratch);
	count_operations(state, weights, out.size(0) * out.size(1));
}

void convolve_libtorch(benchmark::State &state, const Shape &shape)
{
	const torch::InferenceMode inference;
	const LayerWeights weights = random_layer(shape);
	const auto in = at::rand({1, shape.in, shape.height, shape.width}).contiguous(at::MemoryFormat::ChannelsLast);
	at::Tensor out = at::conv2d(in, weights.weight, weights.bias, shape.stride, shape.padding, shape.dilation);
	const at::Tensor added = at::rand_like(out);
	for (auto _ : state) {
		out = at::conv2d(in, weights.weight, weights.bias, shape.stride, shape.padding, shape.dilation);
		if (shape.adds)
			out.add_(added);
		out.clamp_(0, 6);
	}
	count_operations(state, weights, out.size(2) * out.size(3));
}

void convolve_depthwise(benchmark::State &state, const Shape &shape, InstructionSet set)
{
	LayerWeights weights = random_layer({shape.name, 0, 0, 1, shape.out, 3, shape.stride, 1, 1});
	const cpu::PackedDepthwise layer(weights, cpu::kernels(set));
	const at::Tensor in = at::rand({shape.height, shape.width, shape.out});
	const at::Tensor out = at::empty({layer.output_size(shape.height), layer.output_size(shape.width), shape.out});
	for (auto _ : state)
		cpu::convolve_depthwise(layer, cpu::MapView(map_of(in, shape.out)),
					cpu::MapView(map_of(out, shape.out)));
	count_operations(state, weights, out.size(0) * out.size(1));
}

void upsample(benchmark::State &state, InstructionSet set)
{
	const at::Tensor in = at::rand({135, 240, 48}), out = at::empty({270, 480, 48});
	for (auto _ : state)
		cpu::upsample(cpu::kernels(set), cpu::MapView(map_of(in, 48)), cpu::MapView(map_of(out, 48)));
}

void select_patches(benchmark::State &state, InstructionSet)
{
	const at::Tensor error = at::rand({270, 480, 1});
	std::vector<float> errors;
	std::vector<uint8_t> mask(270 * 480);
	for (auto _ : state)
		cpu::select(cpu::MapView(map_of(error, 1)), Options(), 270, 480, errors, mask.data());
}

Bitmap blots(int noise)
{
	Bitmap bitmap(1920, 1080);
	std::mt19937 random(1), grain(2);
	std::vector<uint8_t> levels(120 * 68);
	std::generate(levels.begin(), levels.end(), [&] { return static_cast<uint8_t>(30 + random() % 180); });
	for (int y = 0; y < bitmap.height; y++)
		for (int x = 0; x < bitmap.width; x++)
			for (int c = 0; c < 4; c++)
				bitmap.pixels[size_t{4} * (size_t{1} * y * bitmap.width + x) + c] =
					static_cast<uint8_t>(levels[y / 16 * 120 + x / 16] + grain() % (noise + 1));
	return bitmap;
}

// For each frame of HD, estimates included. With `is_lost`, as long as nothing fits.
void follow(benchmark::State &state, bool is_lost)
{
	Bitmap plate = blots(0), frame = is_lost ? Bitmap(plate.width, plate.height) : blots(8);
	PlateFollower follower;
	follower.set_plate(plate.picture());
	for (auto _ : state) {
		follower.look(frame.picture());
		benchmark::DoNotOptimize(follower.figures_of(frame.picture()));
	}
}

// On one thread and in its own time, the best of many: what else the machine does counts as little as can be.
template<typename Function, typename... Arguments>
void add(const std::string &name, Function function, Arguments... arguments)
{
	benchmark::RegisterBenchmark(name.c_str(), function, arguments...)
		->Unit(benchmark::kMillisecond)
		->Repetitions(5)
		->ReportAggregatesOnly()
		->ComputeStatistics("min", [](const std::vector<double> &times) {
			return *std::min_element(times.begin(), times.end());
		});
}

void register_kernels()
{
	for (const InstructionSet set : instruction_sets()) {
		const std::string suffix = std::string(" (") + instruction_set_names[static_cast<size_t>(set)] + ")";
		for (const Shape &shape : shapes)
			add(shape.name + suffix, convolve_ours, shape, set);
		add("depthwise" + suffix, convolve_depthwise, Shape{"", 135, 240, 96, 96, 3, 1, 1, 1}, set);
		add("depthwise, stride 2" + suffix, convolve_depthwise, Shape{"", 135, 240, 96, 96, 3, 2, 1, 1}, set);
		add("upsample" + suffix, upsample, set);
		add("select" + suffix, select_patches, set);
	}
	for (const Shape &shape : shapes)
		add(std::string(shape.name) + " (LibTorch)", convolve_libtorch, shape);
	add("following the plate", follow, false);
	add("following the plate, lost", follow, true);
}

} // namespace
} // namespace matting

int main(int argc, char **argv)
{
	const bool is_timed = argc > 1 && std::string(argv[1]) == "--bench";
	if (!is_timed) {
		testing::InitGoogleMock(&argc, argv);
		return RUN_ALL_TESTS();
	}
	argv[1] = argv[0];
	int rest = argc - 1;
	at::set_num_threads(1);
	matting::register_kernels();
	benchmark::Initialize(&rest, argv + 1);
	if (benchmark::ReportUnrecognizedArguments(rest, argv + 1))
		return 2;
	benchmark::RunSpecifiedBenchmarks();
}
