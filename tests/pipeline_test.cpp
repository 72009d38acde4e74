// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/media/pipeline.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace matting {
namespace {

bool wait_for(const std::function<bool()> &condition)
{
	const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
	while (!condition() && std::chrono::steady_clock::now() < end)
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	return condition();
}

TEST(Crew, WorksOnSeveralThingsAtOnce)
{
	std::atomic<int> begun = 0, met = 0;
	Crew<int> crew(3, [&](int) {
		begun++;
		met += wait_for([&] { return begun >= 3; });
	});
	for (int thing = 0; thing < 3; thing++)
		crew.push(thing);
	crew.finish();
	EXPECT_EQ(met, 3);
}

TEST(Crew, LetsWhoeverBringsMoreWait)
{
	std::atomic<int> handed = 0;
	std::atomic<bool> goes_on = false;
	Crew<int> crew(2, [&](int) { wait_for([&] { return goes_on.load(); }); });
	Worker bringing(
		[&] {
			for (int thing = 0; thing < 20; thing++, handed++)
				crew.push(thing);
		},
		[] {});
	EXPECT_TRUE(wait_for([&] { return handed >= 4; }));
	std::this_thread::sleep_for(std::chrono::milliseconds(50));
	EXPECT_EQ(handed, 4) << "two at work, two that wait";
	goes_on = true;
	bringing.join();
	crew.finish();
}

TEST(Crew, SaysWhatWentWrongFirstAndDoesWhatWasBeforeThat)
{
	std::atomic<bool> third_has_failed = false;
	std::atomic<int> done = 0;
	Crew<int> crew(4, [&](int thing) {
		if (thing == 2) {
			third_has_failed = true;
			throw std::runtime_error("2");
		}
		wait_for([&] { return third_has_failed.load(); });
		std::this_thread::sleep_for(std::chrono::milliseconds(20)); // it is noted
		if (thing == 1)
			throw std::runtime_error("1");
		done += thing == 0;
	});
	const auto bring_all = [&] {
		for (int thing = 0; thing < 1000; thing++)
			crew.push(thing);
	};
	try {
		bring_all();
		ADD_FAILURE() << "nothing was said";
	} catch (const std::runtime_error &error) {
		EXPECT_STREQ(error.what(), "1");
	}
	EXPECT_EQ(done, 1);
	EXPECT_THROW(crew.finish(), std::runtime_error);
}

TEST(Crew, DoesWhatItHasBeforeItEnds)
{
	std::atomic<int> done = 0;
	{
		Crew<int> crew(1, [&](int) { done++; });
		for (int thing = 0; thing < 5; thing++)
			crew.push(thing);
	}
	EXPECT_EQ(done, 5);
}

} // namespace
} // namespace matting
