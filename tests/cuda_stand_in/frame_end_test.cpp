// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/cuda/frame_end.hpp"

#include <gtest/gtest.h>

namespace matting::cuda {
namespace {

using namespace std::chrono_literals;

// Frames that take so long, waited for with a timer that is late by `late`; how long all the waits took.
Nap::Duration wait_for(Nap &nap, int frames, Nap::Duration frame, Nap::Duration late)
{
	Nap::Duration all{};
	for (int i = 0; i < frames; i++) {
		const auto nap_took = nap.length() > Nap::Duration() ? nap.length() + late : Nap::Duration();
		const auto took = std::max(frame, nap_took);
		nap.note(took, nap_took >= frame);
		all += took;
	}
	return all;
}

TEST(Nap, EndsShortlyBeforeTheFrame)
{
	for (const Nap::Duration frame : {Nap::Duration(600us), Nap::Duration(4ms), Nap::Duration(15ms)}) {
		Nap nap;
		wait_for(nap, 100, frame, 60us);
		EXPECT_LT(nap.length(), frame - 100us);
		EXPECT_GT(nap.length(), frame - 500us);
		EXPECT_EQ(wait_for(nap, 1000, frame, 60us), 1000 * frame);
	}
}

TEST(Nap, ForgetsAFrameThatStalled)
{
	for (const Nap::Duration stall : {Nap::Duration(100ms), Nap::Duration(1s), Nap::Duration(1min)}) {
		Nap nap;
		wait_for(nap, 100, 600us, 60us);
		wait_for(nap, 1, stall, 60us);
		EXPECT_LT(wait_for(nap, 30, 600us, 60us), 300ms);
		EXPECT_EQ(wait_for(nap, 100, 600us, 60us), 100 * 600us);
	}
}

TEST(Nap, TakesLessThanTwiceAsLongWhereTimersAreLate)
{
	Nap nap;
	EXPECT_LT(wait_for(nap, 1000, 2ms, 5ms), 1000 * 4ms);
}

} // namespace
} // namespace matting::cuda
