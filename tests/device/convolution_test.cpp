// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernels.hpp"

#include <cmath>

namespace matting {
namespace {

struct Shape {
	int in, out, kernel, stride, dilation, height, width;
};

struct Upsampled {
	int low, skip, out, height, width;
};

std::ostream &operator<<(std::ostream &stream, const Shape &shape)
{
	return stream << shape.in << " -> " << shape.out << " channels, kernel " << shape.kernel << ", stride "
		      << shape.stride << ", dilation " << shape.dilation << ", " << shape.width << "x" << shape.height;
}

class ConvolutionKernels : public Kernels {
protected:
	LayerWeights random_layer(const Shape &shape) const
	{
		const double scale = 1 / std::sqrt(shape.in * shape.kernel * shape.kernel / 3.0);
		const int padding = shape.dilation * (shape.kernel / 2);
		return {rounded(random({shape.out, shape.in, shape.kernel, shape.kernel}) * scale),
			random({shape.out}),
			at::full({shape.out}, -0.8f),
			at::full({shape.out}, 0.9f),
			shape.stride,
			padding,
			shape.dilation};
	}

	enum class Addition { none, everywhere, one_pixel };

	void expect_same_convolution(const Shape &shape, Addition addition, int first, int spare)
	{
		SCOPED_TRACE(testing::Message() << shape << ", between " << first << " and " << spare << " channels");
		const LayerWeights weights = random_layer(shape);
		const LayerPointer layer = device->prepare(weights), twin = cpu->prepare(weights);
		Twins in = twins(random({shape.height, shape.width, shape.in}), first, spare);
		const int height = layer->output_size(shape.height), width = layer->output_size(shape.width);
		Twins out = twins(height, width, shape.out, spare, first);
		const bool is_one = addition == Addition::one_pixel;
		Twins add = twins(random({is_one ? 1 : height, is_one ? 1 : width, shape.out}));
		const auto added = [&](GuardedMap &map) {
			return addition == Addition::none ? Map{}
			       : is_one                   ? map.map().expand(height, width)
							  : map.map();
		};
		device->convolve(*layer, in.map.map(), out.map.map(), added(add.map));
		cpu->convolve(*twin, in.twin.map(), out.twin.map(), added(add.twin));
		expect_same(out);
		EXPECT_EQ(in.map.damage() + add.map.damage(), 0);
	}

	void expect_same_upsampling(const Upsampled &shape)
	{
		SCOPED_TRACE(testing::Message() << shape.low << " + " << shape.skip << " -> " << shape.out << ", "
						<< shape.width << "x" << shape.height);
		LayerWeights weights = random_layer({shape.low + shape.skip, shape.out, 3, 1, 1, 0, 0});
		const LayerPointer layer = device->prepare_upsampled(weights), twin = cpu->prepare_upsampled(weights);
		Twins low = twins(random({(shape.height + 1) / 2, (shape.width + 1) / 2, shape.low}), 8, 0);
		Twins both = twins(random({shape.height, shape.width, shape.low + shape.skip}), 0, 8);
		Twins out = twins(shape.height, shape.width, shape.out, 8, 8);
		device->convolve_upsampled(*layer, low.map.map(), both.map.map(), out.map.map());
		cpu->convolve_upsampled(*twin, low.twin.map(), both.twin.map(), out.twin.map());
		expect_same(out);
		EXPECT_EQ(low.map.damage() + both.map.damage(), 0);
	}

	/// Of the coarse result, and of the cells.
	struct Selected {
		int height, width, cells_down, cells_across, cells;
	};

	/// 1 where the refiner reads: pixels that those near a selected cell, at half the resolution, are upsampled from.
	static at::Tensor read_by_refiner(const at::Tensor &mask, const Selected &shape)
	{
		constexpr int reach = 3;
		const std::array<int64_t, 2> half{2 * shape.cells_down, 2 * shape.cells_across};
		const at::Tensor cells = mask.to(at::kFloat).view({1, 1, shape.cells_down, shape.cells_across});
		const at::Tensor near = at::max_pool2d(at::upsample_nearest2d(cells, half), 2 * reach + 1, 1, reach);
		return at::upsample_bilinear2d_backward(near, half, {1, 1, shape.height, shape.width}, false).gt(0);
	}

	void expect_same_where_selected(const Selected &shape)
	{
		SCOPED_TRACE(testing::Message() << shape.cells << " cells of " << shape.width << "x" << shape.height);
		LayerWeights weights = random_layer({48 + 6, 32, 3, 1, 1, 0, 0});
		const LayerPointer layer = device->prepare_upsampled(weights), twin = cpu->prepare_upsampled(weights);
		Twins low = twins(random({(shape.height + 1) / 2, (shape.width + 1) / 2, 48}), 8, 0);
		Twins both = twins(random({shape.height, shape.width, 48 + 6}), 0, 8);
		Twins out = twins(shape.height, shape.width, 32, 8, 8);
		const int all = shape.cells_down * shape.cells_across;
		const at::Tensor mask = at::randperm(all).lt(shape.cells).to(at::kByte);
		const auto memory = device->allocate(all);
		copy_to_device(memory.get(), mask.const_data_ptr(), mask.nbytes());
		const Map cells{static_cast<uint8_t *>(memory.get()),
				1,
				shape.cells_down,
				shape.cells_across,
				1,
				shape.cells_across,
				1,
				memory};
		device->convolve_selected(*layer, low.map.map(), both.map.map(), cells, out.map.map());
		cpu->convolve_upsampled(*twin, low.twin.map(), both.twin.map(), out.twin.map());
		const at::Tensor is_read = read_by_refiner(mask, shape).view({shape.height, shape.width, 1});
		const at::Tensor difference = (out.map.read() - out.twin.read()).abs();
		EXPECT_EQ(at::logical_and(is_read, at::logical_not(difference.lt(4e-5))).sum().item<int64_t>(), 0)
			<< "seed " << seed();
		EXPECT_EQ(out.map.damage(), 0);
		// What was not computed holds NaNs: a tile's pixels around what is read, and no more than that.
		const int64_t computed = at::eq(difference, difference).sum().item<int64_t>() / 32;
		const int64_t most = shape.cells * (12 + 4 * shape.height / shape.cells_down) *
				     (12 + 4 * shape.width / shape.cells_across);
		EXPECT_LE(computed, most);
	}

	/// On the stand-in, as many multiplications as take a tenth of a second.
	bool is_too_large(const Shape &shape) const
	{
		const double work = double(shape.in) * shape.out * shape.kernel * shape.kernel * shape.height *
				    shape.width / shape.stride / shape.stride;
		return GetParam()->is_slow && work > 4e6;
	}
};

INSTANTIATE_TEST_SUITE_P(Kernels, ConvolutionKernels, testing::ValuesIn(tested_devices()),
			 [](const auto &info) { return info.param->name; });

TEST_P(ConvolutionKernels, GiveWhatTheCpuGivesForEveryShapeOfTheNetwork)
{
	int cases = 0;
	for (const int kernel : {1, 3, 7})
		for (const int stride : {1, 2})
			for (const int dilation : {1, 2, 3, 6, 9})
				for (const int in : {3, 6, 8, 24, 54, 80, 320})
					for (const int out : {1, 37, 40, 64, 96, 256}) {
						// Each pixel count, addition and neighbourhood meets each of the others.
						constexpr std::array sizes{std::pair{1, 1},  std::pair{3, 5},
									   std::pair{7, 9},  std::pair{8, 8},
									   std::pair{5, 13}, std::pair{1, 127},
									   std::pair{3, 43}, std::pair{30, 17}};
						const auto [height, width] = sizes[cases % sizes.size()];
						const Shape shape{in, out, kernel, stride, dilation, height, width};
						if ((kernel == 1 && dilation > 1) ||
						    cases++ % (kernel == 7 ? 5 : 3) != 0 || is_too_large(shape))
							continue;
						expect_same_convolution(shape, static_cast<Addition>(cases / 3 % 3),
									cases / 5 % 3 * 8, cases / 7 % 3 * 8);
						if (HasFailure())
							return; // one is enough to read
					}
}

TEST_P(ConvolutionKernels, GiveWhatTheCpuGivesForLongSumsAndLargePictures)
{
	for (const Shape &shape :
	     {Shape{960, 160, 1, 1, 1, 3, 5}, Shape{320, 256, 3, 1, 6, 17, 30}, Shape{288, 128, 3, 1, 1, 34, 60},
	      Shape{54, 37, 3, 1, 1, 270, 480}, Shape{6, 32, 3, 2, 1, 540, 960}, Shape{2048, 256, 3, 1, 1, 17, 30},
	      Shape{512, 512, 3, 1, 2, 17, 30}, Shape{2048, 256, 3, 1, 3, 17, 30}, Shape{6, 64, 7, 2, 1, 68, 120}})
		if (!is_too_large(shape))
			expect_same_convolution(shape, Addition::none, 8, 0);
}

TEST_P(ConvolutionKernels, GiveWhatTheCpuGivesDepthByDepth)
{
	for (const int channels : {8, 96, 144, 960})
		for (const int stride : {1, 2})
			for (const int dilation : {1, 2})
				for (const auto &[height, width] : {std::pair{1, 1}, {2, 7}, {17, 30}, {68, 120}}) {
					if (GetParam()->is_slow && channels * height * width > 60000)
						continue;
					SCOPED_TRACE(testing::Message()
						     << channels << " channels, " << width << "x" << height
						     << ", stride " << stride << ", dilation " << dilation);
					const LayerWeights weights{random({channels, 1, 3, 3}),
								   random({channels}),
								   at::full({channels}, 0.0f),
								   at::full({channels}, 6.0f),
								   stride,
								   dilation,
								   dilation};
					const LayerPointer layer = device->prepare_depthwise(weights),
							   twin = cpu->prepare_depthwise(weights);
					Twins in = twins(random({height, width, channels}));
					Twins out =
						twins(layer->output_size(height), layer->output_size(width), channels);
					device->convolve_depthwise(*layer, in.map.map(), out.map.map());
					cpu->convolve_depthwise(*twin, in.twin.map(), out.twin.map());
					expect_same(out);
				}
}

TEST_P(ConvolutionKernels, RefuseWeightsBeyondHalfPrecisionInWords)
{
	LayerWeights weights = random_layer({8, 16, 3, 1, 1, 4, 4});
	weights.name = "decoder.conv9";
	weights.weight[3][2][1][1] = 70000;
	if (device->element() == 4) {
		EXPECT_NO_THROW(device->prepare(weights));
		return;
	}
	try {
		device->prepare(weights);
		ADD_FAILURE() << "70000 is no number of half precision";
	} catch (const Error &error) {
		EXPECT_THAT(error.what(),
			    testing::HasSubstr("decoder.conv9 reach 70000 and half precision ends at 65504"));
	}
}

TEST_P(ConvolutionKernels, UpsampleWhatIsBesideASkipConnection)
{
	// Those of the network, and edges of tiles; the largest on a card. One has more weights than the CPU transforms.
	for (const Upsampled &shape : {Upsampled{48, 6, 37, 5, 7},
				       {48, 6, 37, 1, 1},
				       {512, 32, 256, 6, 10},
				       {48, 6, 37, 67, 50},
				       {64, 16, 48, 17, 250},
				       {64, 16, 48, 16, 16},
				       {64, 64, 48, 17, 33},
				       {128, 24, 64, 9, 15},
				       {24, 24, 40, 9, 15},
				       {128, 256, 64, 4, 4},
				       {256, 32, 128, 6, 10},
				       {256, 512, 128, 3, 5},
				       {48, 6, 37, 270, 480},
				       {64, 16, 48, 135, 240},
				       {128, 24, 64, 68, 120},
				       {256, 32, 128, 34, 60},
				       {256, 512, 128, 34, 60},
				       {128, 256, 64, 135, 240}})
		if (!GetParam()->is_slow || shape.height * shape.width <= 4000)
			expect_same_upsampling(shape);
}

TEST_P(ConvolutionKernels, ComputeWhatTheRefinerReadsAndLittleElse)
{
	if (!device->has_convolve_selected())
		GTEST_SKIP() << "it computes all of it before";
	for (const Selected &shape : {Selected{67, 50, 67, 50, 1},
				      {67, 50, 67, 50, 0},
				      {67, 50, 67, 50, 40},
				      {67, 50, 67, 50, 67 * 50},
				      {34, 60, 68, 121, 30},
				      {40, 30, 20, 15, 10},
				      {25, 37, 68, 100, 50},
				      {2, 2, 4, 5, 1},
				      {270, 480, 270, 480, 5000}})
		for (int i = 0; i < 3; i++)
			expect_same_where_selected(shape);
}

// For compute-sanitizer, which takes minutes for all of the above. Cards choose kernels by their multiprocessors: these sizes are
// enough for the 132 of an H200 and for the 170 of an RTX 5090, the smaller ones for the stand-in's.
TEST_P(ConvolutionKernels, GiveWhatTheCpuGivesInOneCaseOfEachKernel)
{
	const auto [height, width] = GetParam()->is_slow ? std::pair{24, 128} : std::pair{135, 240};
	expect_same_convolution({8, 16, 3, 1, 1, height, width}, Addition::everywhere, 8, 0); // tiles of two rows
	expect_same_convolution({320, 24, 3, 1, 1, 5, 7}, Addition::none, 0, 8);              // of one, and a split sum
	expect_same_upsampling({64, 16, 48, height, width});
}

} // namespace
} // namespace matting
