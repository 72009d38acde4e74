// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of single operations share: each is run on the device that is tested and on its twin,
// by LibTorch on the CPU.
#pragma once

#include "guarded_map.hpp"
#include "reference_device.hpp"

#include "tests/test_devices.hpp"

#include <gmock/gmock.h>

namespace matting {

class Kernels : public testing::TestWithParam<const TestDevice *> {
protected:
	void SetUp() override
	{
		device = GetParam()->make();
		if (!device)
			GTEST_SKIP() << "this machine has no such device";
		at::manual_seed(seed());
	}

	/// MATTING_SEED, or 1; said when a test fails.
	static uint64_t seed()
	{
		const char *chosen = std::getenv("MATTING_SEED");
		return chosen ? std::strtoull(chosen, nullptr, 10) : 1;
	}

	/// As the device has numbers: both then begin with the same.
	at::Tensor rounded(const at::Tensor &values) const
	{
		return device->element() == 2 ? values.to(at::kHalf).to(at::kFloat) : values;
	}
	/// In -1..1.
	at::Tensor random(at::IntArrayRef sizes) const { return rounded(at::rand(sizes) * 2 - 1); }

	/// A map on the device, and the same on the CPU.
	struct Twins {
		GuardedMap map, twin;
	};
	Twins twins(const at::Tensor &values, int first = 0, int spare = 0)
	{
		return {{*device, device->element(), values, first, spare}, {*cpu, sizeof(float), values}};
	}
	Twins twins(int height, int width, int channels, int first = 0, int spare = 0)
	{
		return {{*device, device->element(), height, width, channels, first, spare},
			{*cpu, sizeof(float), height, width, channels}};
	}

	/// Sums that were made in another order and rounded once.
	void expect_same(Twins &twins) const
	{
		const at::Tensor mine = twins.map.read(), reference = twins.twin.read();
		const double step = device->element() == 2 ? 1e-3 : 2e-5;
		const at::Tensor allowed = reference.abs() * step + step;
		const at::Tensor wrong = at::logical_not(at::le((mine - reference).abs(), allowed)); // a NaN is wrong
		EXPECT_EQ(wrong.sum().item<int64_t>(), 0)
			<< "of " << wrong.numel() << "; by up to " << (mine - reference).abs().max().item<double>()
			<< ", seed " << seed();
		EXPECT_EQ(twins.map.damage(), 0) << "bytes around it, seed " << seed();
	}

	std::unique_ptr<FastDevice> device, cpu = make_reference_device();
};

/// All devices that a program has; of those that test a card, not the CPU itself.
inline std::vector<const TestDevice *> tested_devices()
{
	std::vector<const TestDevice *> devices, on_cpu;
	for (const TestDevice &device : test_devices())
		(device.name.starts_with("cpu_") ? on_cpu : devices).push_back(&device);
	return devices.empty() ? on_cpu : devices;
}

} // namespace matting
