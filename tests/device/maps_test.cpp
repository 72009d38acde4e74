// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernels.hpp"

namespace matting {
namespace {

class MapKernels : public Kernels {
protected:
	static std::vector<uint8_t> random_pixels(int width, int height)
	{
		const at::Tensor bytes = at::randint(0, 256, {height, width, 4}, at::kByte);
		return {bytes.const_data_ptr<uint8_t>(), bytes.const_data_ptr<uint8_t>() + bytes.numel()};
	}

	/// A stored picture on each: with its margin of zeros, and guards around that.
	struct StoredTwins {
		GuardedMap map, twin;
		Map stored, stored_twin;
	};
	StoredTwins stored(int width, int height)
	{
		const int padded_width = (width + 3) / 4 * 4, padded_height = (height + 3) / 4 * 4;
		const at::Tensor zeros =
			at::zeros({padded_height + 2 * picture_margin, (padded_width + 2 * picture_margin) / 2, 8});
		StoredTwins twins{{*device, 1, zeros}, {*cpu, 1, zeros}, {}, {}};
		const auto inner = [&](const GuardedMap &map) {
			Map picture = map.map(); // two pixels of a picture to one of the map's octets
			picture.width = padded_width;
			picture.height = padded_height;
			picture.channels = 4;
			picture.pixel = 4;
			picture.data += picture_margin * (picture.row + picture.pixel);
			return picture;
		};
		twins.stored = inner(twins.map);
		twins.stored_twin = inner(twins.twin);
		auto pixels = random_pixels(width, height);
		const Picture picture{pixels.data(), width, height, std::ptrdiff_t{4} * width, Device::cpu};
		device->store_picture(picture, twins.stored);
		cpu->store_picture(picture, twins.stored_twin);
		return twins;
	}

	at::Tensor random_coarse(int height, int width) const
	{
		at::Tensor values = random({height, width, coarse::channels});
		values.slice(2, coarse::alpha, coarse::alpha + 1).abs_();
		values.slice(2, coarse::error, coarse::error + 1).abs_();
		return values;
	}

	static constexpr std::array sizes{std::pair{16, 16}, std::pair{17, 31}, std::pair{64, 50}, std::pair{131, 66}};
};

INSTANTIATE_TEST_SUITE_P(Kernels, MapKernels, testing::ValuesIn(tested_devices()),
			 [](const auto &info) { return info.param->name; });

TEST_P(MapKernels, PoolAndAverageAsTheCpu)
{
	for (const int channels : {8, 64, 320})
		for (const auto &[height, width] : {std::pair{1, 1}, {5, 8}, {17, 30}, {34, 60}}) {
			SCOPED_TRACE(testing::Message() << channels << " channels, " << width << "x" << height);
			Twins in = twins(random({height, width, channels}));
			Twins pooled = twins((height + 1) / 2, (width + 1) / 2, channels), mean = twins(1, 1, channels);
			device->max_pool(in.map.map(), pooled.map.map());
			cpu->max_pool(in.twin.map(), pooled.twin.map());
			expect_same(pooled);
			device->average(in.map.map(), mean.map.map());
			cpu->average(in.twin.map(), mean.twin.map());
			expect_same(mean);
		}
}

TEST_P(MapKernels, UpsampleAsTheCpuBetweenOtherChannels)
{
	for (const auto &[from, to] : {std::pair{1, 3}, {5, 10}, {17, 33}, {17, 34}, {30, 47}}) {
		SCOPED_TRACE(testing::Message() << from << " to " << to);
		Twins in = twins(random({from, from + 2, 48}), 8, 16), out = twins(to, to + 5, 48, 16, 8);
		device->upsample(in.map.map(), out.map.map());
		cpu->upsample(in.twin.map(), out.twin.map());
		expect_same(out);
	}
}

TEST_P(MapKernels, StoreAndDownsamplePicturesAsTheCpu)
{
	for (const auto &[width, height] : sizes) {
		SCOPED_TRACE(testing::Message() << width << "x" << height);
		StoredTwins picture = stored(width, height);
		EXPECT_TRUE(at::equal(picture.map.read(), picture.twin.read())) << "edges, margin and all";
		EXPECT_EQ(picture.map.damage(), 0);
		Twins out = twins(height / 3 + 1, width / 4 + 1, 3, 8, 0);
		device->downsample(picture.stored, out.map.map());
		cpu->downsample(picture.stored_twin, out.twin.map());
		const at::Tensor difference = (out.map.read() - out.twin.read()).abs();
		EXPECT_LE(difference.max().item<double>(), device->element() == 2 ? 6e-4 : 1e-5);
	}
}

TEST_P(MapKernels, SelectTheSameCellsAsTheCpuTiesAndAll)
{
	for (const auto &[width, height] : sizes)
		for (const int levels : {3, 1000}) { // few: most cells are tied
			at::Tensor values = random_coarse(height, width);
			auto error = values.slice(2, coarse::error, coarse::error + 1);
			error.copy_(rounded((error * levels).floor() / levels));
			Twins map = twins(values);
			for (const int mode : {0, 1, 2})
				for (const bool prevents : {false, true}) {
					Options options;
					options.refine_mode = static_cast<RefineMode>(mode);
					options.refine_sample_pixels = width * height * 16 / 3;
					options.refine_threshold = 0.5;
					options.refine_prevent_oversampling = prevents;
					SCOPED_TRACE(testing::Message() << width << "x" << height << ", mode " << mode
									<< ", " << levels << " levels, " << prevents);
					const at::Tensor zeros = at::zeros({height, width, 1});
					const auto memory = device->allocate(size_t(height) * width);
					const Map mask{static_cast<uint8_t *>(memory.get()),
						       1,
						       height,
						       width,
						       1,
						       width,
						       1,
						       memory};
					std::vector<uint8_t> twin(size_t(height) * width);
					const Map twin_mask{twin.data(), 1, height, width, 1, width, 1, {}};
					device->select(map.map.map(), options, mask);
					cpu->select(map.twin.map(), options, twin_mask);
					EXPECT_TRUE(at::equal(device->download(mask), cpu->download(twin_mask)));
				}
		}
}

TEST_P(MapKernels, ComposeAndRefineAsTheCpu)
{
	const auto layer = [&](int in, int out, bool has_bound) {
		return LayerWeights{random({out, in, 3, 3}) / (1.5 * std::sqrt(in)), random({out}) / 4,
				    at::full({out}, has_bound ? 0.0f : -1e30f), at::full({out}, 1e30f)};
	};
	std::array<LayerWeights, 4> layers{layer(42, 24, true), layer(24, 16, true), layer(22, 12, true),
					   layer(12, 4, false)};
	for (LayerWeights &weights : layers)
		weights.weight = rounded(weights.weight);
	const LayerPointer refiner = device->prepare_refiner(layers), twin_refiner = cpu->prepare_refiner(layers);
	for (const auto &[width, height] : sizes) {
		SCOPED_TRACE(testing::Message() << width << "x" << height << ", seed " << seed());
		StoredTwins source = stored(width, height), background = stored(width, height);
		Twins coarse = twins(random_coarse(height / 4 + 1, width / 4 + 1));
		const int rows = source.stored.height, columns = source.stored.width;
		Options options;
		options.refine_sample_pixels = width * height / 2;
		const auto run = [&](FastDevice &on, const Layer &layers, const Map &coarse_map, const Map &source_map,
				     const Map &background_map) {
			const auto make = [&](int element, int h, int w, int channels) {
				const auto memory = on.allocate(size_t(element) * h * w * channels);
				return Map{static_cast<uint8_t *>(memory.get()), element,  h,     w, channels,
					   std::ptrdiff_t(w) * channels,         channels, memory};
			};
			const Map mask = make(1, rows / 4, columns / 4, 1), exact = make(4, rows, columns, 4);
			Output output{.picture = {nullptr, columns, rows, 4 * columns, Device::cpu}, .exact = exact};
			on.select(coarse_map, options, mask);
			on.compose(coarse_map, source_map, mask, output);
			on.refine(layers, coarse_map, source_map, background_map, mask, output);
			return std::pair{on.download(exact), on.download(mask)};
		};
		const auto [mine, mask] = run(*device, *refiner, coarse.map.map(), source.stored, background.stored);
		const auto [reference, twin_mask] =
			run(*cpu, *twin_refiner, coarse.twin.map(), source.stored_twin, background.stored_twin);
		EXPECT_TRUE(at::equal(mask, twin_mask));
		EXPECT_LE((mine - reference).abs().max().item<double>(), device->element() == 2 ? 0.02 : 1e-4);
		EXPECT_EQ(mine.isnan().sum().item<int64_t>(), 0);
		EXPECT_EQ(source.map.damage() + background.map.damage() + coarse.map.damage(), 0);
	}
}

} // namespace
} // namespace matting
