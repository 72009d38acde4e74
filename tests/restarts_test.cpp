// SPDX-License-Identifier: GPL-2.0-or-later
// How soon engines are started again, and when they are given up, in times that no test could wait for.
#include "plugin/engine/restarts.hpp"

#include <gtest/gtest.h>

namespace matting {
namespace {

using namespace std::chrono_literals;

constexpr EngineEnd failure{.ran = 1s}, matted{.ran = 600s, .has_matted = true}, killed{.ran = 1s, .was_killed = true};

TEST(Restarts, OfAnEngineThatHasMattedComeAtOnce)
{
	Restarts restarts;
	for (int i = 0; i < 100; i++) {
		restarts.note(matted);
		EXPECT_EQ(restarts.delay(), 0ms);
		EXPECT_FALSE(restarts.are_hopeless());
	}
}

TEST(Restarts, OfAnEngineThatFailsComeAfterGrowingPauses)
{
	Restarts restarts;
	for (const auto delay : {250ms, 250ms, 250ms, 500ms, 1000ms, 2000ms, 4000ms, 4000ms}) {
		restarts.note(failure);
		EXPECT_EQ(restarts.delay(), delay);
	}
	restarts.note(matted);
	EXPECT_EQ(restarts.delay(), 0ms);
	restarts.note(failure);
	EXPECT_EQ(restarts.delay(), 250ms) << "what was before is forgotten";
}

TEST(Restarts, AreHopelessAfterThreeFailuresInARow)
{
	Restarts restarts;
	for (int i = 0; i < 2; i++) {
		restarts.note(failure);
		EXPECT_FALSE(restarts.are_hopeless());
	}
	restarts.note(failure);
	EXPECT_TRUE(restarts.are_hopeless());
}

// Nobody has captured a background yet, or the source is hidden: such an engine cannot matte.
TEST(Restarts, TakeAnEngineThatWasIdleForTenSecondsForAGoodOne)
{
	const EngineEnd idle{.ran = 11s, .was_idle = true}, briefly_idle{.ran = 9s, .was_idle = true}, busy{.ran = 11s};
	Restarts restarts;
	for (const EngineEnd &end : {failure, failure, idle, failure, failure}) {
		restarts.note(end);
		EXPECT_EQ(restarts.delay(), end.was_idle ? 0ms : 250ms);
		restarts.note(
			{.ran = 1h, .has_matted = false, .was_killed = true}); // so that unrest counts for nothing
		EXPECT_FALSE(restarts.are_hopeless());
	}
	for (const EngineEnd &end : {briefly_idle, busy}) {
		restarts = {};
		for (int i = 0; i < 3; i++)
			restarts.note(end);
		EXPECT_EQ(restarts.delay(), 250ms);
		EXPECT_TRUE(restarts.are_hopeless());
	}
}

TEST(Restarts, AreHopelessWhenAnEngineMattesButEndsEveryFewSeconds)
{
	Restarts often, seldom;
	for (int i = 0; i < 10; i++) {
		often.note({.ran = 5s, .has_matted = true});
		seldom.note({.ran = 60s, .has_matted = true});
		EXPECT_EQ(often.are_hopeless(), i >= 4) << i;
		EXPECT_FALSE(seldom.are_hopeless()) << i;
	}
}

TEST(Restarts, AfterKillsComeSoonUntilThereAreManyOfLate)
{
	Restarts restarts;
	int soon = 0;
	for (; soon < 100 && restarts.delay() <= 250ms; soon++)
		restarts.note(killed);
	EXPECT_GE(soon, 12);
	EXPECT_LT(soon, 20);
	restarts.note({.ran = 300s, .was_killed = true});
	restarts.note(killed);
	EXPECT_EQ(restarts.delay(), 250ms) << "that was long ago";
}

} // namespace
} // namespace matting
