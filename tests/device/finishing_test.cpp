// SPDX-License-Identifier: GPL-2.0-or-later
// The finishing of edges on a device: to the byte what it is on the CPU, but for rounding where edges are solved.
#include "kernels.hpp"

#include "inference/edge_cells.hpp"
#include "inference/finishing.hpp"

namespace matting {
namespace {

constexpr int spare = 12; // bytes behind each row, which are nobody's

struct Bytes {
	int width, height;
	std::vector<uint8_t> bytes = std::vector<uint8_t>((size_t{4} * width + spare) * height, 0xA5);

	Picture picture(uint8_t *data, Device device = Device::cpu) const
	{
		return {data, width, height, std::ptrdiff_t{4} * width + spare, device};
	}
};

class FinishingKernels : public Kernels {
protected:
	// Round things of all alphas on nothing, as mattes are: most pixels have 0 or 255.
	static Bytes matte(int width, int height)
	{
		Bytes matte{width, height};
		const at::Tensor random = at::randint(0, 256, {height, width, 4}, at::kByte);
		const auto *from = random.const_data_ptr<uint8_t>();
		for (int y = 0; y < height; y++)
			for (int x = 0; x < width; x++, from += 4) {
				uint8_t *pixel = matte.bytes.data() + y * (size_t{4} * width + spare) + size_t{4} * x;
				const double wave = 400 * std::sin(0.31 * x) * std::cos(0.23 * y) + 0.2 * from[3];
				pixel[3] = static_cast<uint8_t>(std::clamp(wave, 0.0, 255.0));
				for (int c = 0; c < 3; c++)
					pixel[c] = pixel[3] > 0 ? from[c] : uint8_t{0};
			}
		return matte;
	}

	static void finish(Finisher &finisher, const Picture &source, const Picture &result, View view,
			   const Options &options)
	{
		finisher.begin(source, options);
		finisher.finish(result, view, options);
	}

	void expect_same(const Bytes &source, const Bytes &matte, View view, const Options &options)
	{
		Bytes expected = matte, plain = source, here = matte;
		finish(on_cpu_, plain.picture(plain.bytes.data()), expected.picture(expected.bytes.data()), view,
		       options);

		const size_t size = matte.bytes.size();
		const auto source_there = device->allocate(size), there = device->allocate(size);
		copy_to_device(source_there.get(), source.bytes.data(), size);
		copy_to_device(there.get(), matte.bytes.data(), size);
		finish(*on_device_, source.picture(static_cast<uint8_t *>(source_there.get()), Device::cuda),
		       matte.picture(static_cast<uint8_t *>(there.get()), Device::cuda), view, options);
		copy_to_device(here.bytes.data(), there.get(), size);
		EXPECT_EQ(here.bytes, expected.bytes)
			<< matte.width << 'x' << matte.height << ", shift " << options.edge_shift << ", softness "
			<< options.edge_softness << ", seed " << seed();
	}

	void SetUp() override
	{
		Kernels::SetUp();
		if (IsSkipped())
			return;
		if (!GetParam()->make_finishing)
			GTEST_SKIP() << "is what others are compared with";
		on_device_.emplace(GetParam()->make_finishing());
	}

	Finisher on_cpu_{make_cpu_finishing()};
	std::optional<Finisher> on_device_;
};

INSTANTIATE_TEST_SUITE_P(Kernels, FinishingKernels, testing::ValuesIn(tested_devices()),
			 [](const auto &info) { return info.param->name; });

TEST_P(FinishingKernels, FinishEdgesAsTheCpu)
{
	Options plain;
	plain.edge_detail = 0;
	std::vector<Options> all(7, plain);
	all[0].edge_shift = 3.5;
	all[1].edge_shift = -2.25;
	all[2].edge_softness = 10;
	all[3].edge_softness = 0.5;
	all[4].black_point = 0.1, all[4].white_point = 0.8;
	all[5].edge_colour = EdgeColour::camera;
	all[6] = all[0], all[6].edge_softness = 3, all[6].black_point = 0.2, all[6].edge_colour = EdgeColour::camera;
	for (const auto &[width, height] : {std::pair{1, 1}, {2, 9}, {33, 1}, {131, 66}, {64, 50}})
		for (const Options &options : all)
			for (const View view : {View::result, View::alpha})
				expect_same(matte(width, height), matte(width, height), view, options);
}

// Solved by steps of their own. Much of the source is as the plate.
void solve_edge(FinishingSteps &steps, const Picture &plate, const Picture &source, const Picture &result,
		double strength)
{
	steps.set_plate(plate);
	steps.keep(source);
	steps.solve(result, strength);
}

// Sums in another order may round to the next step; what is just seen has a colour then, or none.
void expect_nearly_same(const Bytes &here, const Bytes &expected, const std::string &what)
{
	const int most = std::max(expected.width, expected.height) < edge_least_halved ? 1 : 2; // twice solved
	const size_t row = size_t{4} * expected.width + spare;
	for (size_t i = 0; i < expected.bytes.size(); i++) {
		const size_t column = i % row, alpha = i - column % 4 + 3;
		const bool is_colour = column < row - spare && column % 4 != 3;
		if (!is_colour || (expected.bytes[alpha] > most && here.bytes[alpha] > most)) {
			ASSERT_NEAR(here.bytes[i], expected.bytes[i], most) << what << ", byte " << i;
		}
	}
}

TEST_P(FinishingKernels, SolveEdgesAsTheCpu)
{
	const auto on_cpu = make_cpu_finishing(), on_device = GetParam()->make_finishing();
	for (const auto &[width, height] :
	     {std::pair{1, 1}, {2, 9}, {33, 1}, {131, 66}, {64, 150}, {1601, 67}, {9, 1600}, {3203, 5}})
		for (const auto &[strength, changed] :
		     {std::pair{1.0, size_t{40}}, {0.4, 40}, {0.4, 2}}) { // few: all is a hole
			Bytes plate = matte(width, height), source = plate, expected = matte(width, height),
			      here = expected;
			for (size_t i = 0; i < source.bytes.size(); i++)
				source.bytes[i] = i % 4 == 3         ? 255
						  : i % 97 < changed ? source.bytes[i] / 2 + 60
								     : source.bytes[i];
			const size_t size = here.bytes.size();
			const auto source_there = device->allocate(size), there = device->allocate(size);
			copy_to_device(source_there.get(), source.bytes.data(), size);
			copy_to_device(there.get(), here.bytes.data(), size);
			const Picture on_the_cpu = plate.picture(plate.bytes.data());
			solve_edge(*on_cpu, on_the_cpu, source.picture(source.bytes.data()),
				   expected.picture(expected.bytes.data()), strength);
			solve_edge(*on_device, on_the_cpu,
				   source.picture(static_cast<uint8_t *>(source_there.get()), Device::cuda),
				   here.picture(static_cast<uint8_t *>(there.get()), Device::cuda), strength);
			copy_to_device(here.bytes.data(), there.get(), size);
			expect_nearly_same(here, expected,
					   std::to_string(width) + "x" + std::to_string(height) + ", seed " +
						   std::to_string(seed()));
		}
}

} // namespace
} // namespace matting
