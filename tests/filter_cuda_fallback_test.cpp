// SPDX-License-Identifier: GPL-2.0-or-later
// Cards that are refused, or fail: the CPU takes their place, or the panel says why not.
#include "filter_cuda_test.hpp"

#include <set>

namespace matting {
namespace {

using testing::HasSubstr;

std::string hint_of_device(obs_source_t *filter)
{
	obs_properties_t *properties = obs_source_properties(filter);
	std::string hint = obs_property_long_description(obs_properties_get(properties, "device"));
	obs_properties_destroy(properties);
	return hint;
}

TEST_F(CudaFilter, UsesTheCpuAndSaysWhatToDoWhenTheCardHasNotWokenUp)
{
	stand_in().start_result = 999;
	const OBSSource filter = matting_filter();
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	EXPECT_THAT(hint_of_device(filter), HasSubstr("modprobe nvidia_uvm"));
}

TEST_F(CudaFilter, UsesTheCpuAndSaysToRestartWhenTheDriverWasUpdated)
{
	stand_in().start_result = 803;
	const OBSSource filter = matting_filter();
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	EXPECT_THAT(hint_of_device(filter), HasSubstr("has been updated since the computer was started: restart"));
}

TEST_F(CudaFilter, UsesTheCpuAndSaysWhyWhenTheDriverDoesNotAnswer)
{
	stand_in().is_held = true;
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return word(filter, "model").find("mobilenetv2, cpu") != std::string::npos; }))
		<< status(filter);
	EXPECT_THAT(hint_of_device(filter), HasSubstr("the driver of the graphics card does not answer"));
	capture(filter);
	stand_in().is_held = false;
	EXPECT_THAT(status(filter), HasSubstr("The room is removed"));
}

TEST_F(CudaFilter, UsesTheCpuWhenObsRendersOnAnotherCard)
{
	stand_in().graphics_result = 219;
	const OBSSource filter = matting_filter();
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	EXPECT_THAT(status(filter), HasSubstr("not a graphics card: OBS renders on another graphics card"));
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "cuda:0"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("costs time: OBS renders") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cuda:0"));
}

TEST_F(CudaFilter, FallsBackToTheCpuWhenTheDeviceIsLostAgainAndAgain)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	setenv("STAND_IN_IS_LOST", "1", 1);
	kill(engine_id(), SIGKILL);
	constexpr double several_starts = 60; // seconds, on a busy machine
	EXPECT_TRUE(wait_until([&] { return status(filter).find("failed again and again") != std::string::npos; },
			       several_starts))
		<< status(filter);
	EXPECT_THAT(status(filter), HasSubstr("cuda:0 failed again and again: the stand-in is lost."));
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	EXPECT_EQ(frames_with_room, 0);
	unsetenv("STAND_IN_IS_LOST");
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "cuda:0"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("mobilenetv2, cuda:0") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(CudaFilter, UsesTheCpuAndSaysWhyWhenTheCardComputesNonsense)
{
	setenv("STAND_IN_FAULT", "nonsense", 1);
	const OBSSource filter = matting_filter();
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	EXPECT_THAT(status(filter),
		    HasSubstr("The CPU is used and not a graphics card: cuda:0 computes another matte than the CPU"));
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "cuda:0"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("Cuda:0 computes another") != std::string::npos; }))
		<< status(filter);
	EXPECT_THAT(status(filter), testing::Not(HasSubstr("The CPU is used")));
}

TEST_F(CudaFilter, UsesTheCpuAndSaysWhyWhenTheCardHasNoMemoryForAFrame)
{
	setenv("STAND_IN_FAULT", "memory", 1);
	const OBSSource filter = matting_filter();
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cuda:0"));
	frames_with_room = 0;
	set_camera({.width = 1280, .height = 720, .has_person = true});
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("not a graphics card: the graphics card has not enough") !=
		       std::string::npos;
	})) << status(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	EXPECT_EQ(frames_with_room, 0);
}

// With each of these faults the engine ends before its first frame.
class AutomaticCard : public CudaFilter, public testing::WithParamInterface<const char *> {};

TEST_P(AutomaticCard, ThatFailsAgainAndAgainEndsOnTheCpu)
{
	setenv("STAND_IN_FAULT", GetParam(), 1);
	const OBSSource filter = matting_filter();
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	EXPECT_THAT(status(filter), HasSubstr("The CPU is used, because cuda:0 failed again and again: the "));
	EXPECT_EQ(word(filter, "state"), "matting");
}

INSTANTIATE_TEST_SUITE_P(Faults, AutomaticCard, testing::Values("driver", "lost"));

// One that somebody has chosen: nobody gets another one for it unasked, and the reason stays.
class ChosenCard : public CudaFilter {
protected:
	OBSSource chosen_filter(const char *device = "cuda:0")
	{
		const OBSSource filter = matting_filter();
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "device", device); });
		EXPECT_TRUE(wait_until([&] { return is_matted() && word(filter, "state") == "matting"; }))
			<< status(filter);
		frames_with_room = 0;
		return filter;
	}
	// While it is tried again, too.
	void expect_error(obs_source_t *filter, const std::string &reason)
	{
		constexpr double several_starts = 60; // seconds, on a busy machine
		ASSERT_TRUE(
			wait_until([&] { return status(filter).find("fails again and again") != std::string::npos; },
				   several_starts))
			<< status(filter);
		std::set<int> engines;
		ASSERT_TRUE(wait_until(
			[&] {
				EXPECT_THAT(status(filter), HasSubstr("You are not shown: the engine is not running."));
				EXPECT_THAT(status(filter), HasSubstr("Choose the device “Automatic” or “CPU”, because "
								      "cuda:0 fails again and again: " +
								      reason));
				EXPECT_EQ(word(filter, "severity"), "error");
				engines.insert(engine_id());
				return HasFailure() || engines.size() > 3; // one of them may be -1: none
			},
			several_starts))
			<< "it is not tried again";
		EXPECT_TRUE(is_empty());
		EXPECT_EQ(frames_with_room, 0);
	}
	void expect_matte_of(obs_source_t *filter, const char *device, const std::string &model)
	{
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "device", device); });
		EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
		EXPECT_THAT(word(filter, "model"), HasSubstr(model));
		EXPECT_EQ(frames_with_room, 0);
	}
};

TEST_F(ChosenCard, ThatDoesNotStartIsAnErrorUntilAnotherDeviceIsChosen)
{
	const OBSSource filter = chosen_filter();
	setenv("STAND_IN_FAULT", "driver", 1);
	kill(engine_id(), SIGKILL);
	expect_error(filter, "the NVIDIA driver 535.1 is too old for CUDA 13");
	expect_matte_of(filter, "auto", "mobilenetv2, cpu");
	EXPECT_THAT(status(filter), HasSubstr("The CPU is used, because cuda:0 failed again and again: the NVIDIA"));
	expect_matte_of(filter, "cpu", "mobilenetv2, cpu");
	EXPECT_THAT(status(filter), testing::Not(HasSubstr("cuda:0"))) << "it was chosen";
}

TEST_F(ChosenCard, ThatIsLostInEveryFirstFrameIsAnErrorUntilItMattes)
{
	const OBSSource filter = chosen_filter();
	setenv("STAND_IN_IS_LOST", "1", 1);
	kill(engine_id(), SIGKILL);
	expect_error(filter, "the stand-in is lost.");
	unsetenv("STAND_IN_IS_LOST");
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(status(filter), HasSubstr("The room is removed."));
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cuda:0"));
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(ChosenCard, ThatDiesWithTheModelIsAnErrorUntilTheCpuIsChosen)
{
	const OBSSource filter = chosen_filter();
	setenv("STAND_IN_FAULT", "lost", 1);
	kill(engine_id(), SIGKILL);
	expect_error(filter, "the graphics card has failed while running the model.");
	expect_matte_of(filter, "cpu", "mobilenetv2, cpu");
	EXPECT_THAT(status(filter), testing::Not(HasSubstr("cuda:0")));
	// Whoever chooses it anew waits for no pause.
	unsetenv("STAND_IN_FAULT");
	expect_matte_of(filter, "cuda:0", "mobilenetv2, cuda:0");
}

TEST_F(ChosenCard, ThatCannotDoAFrameIsAnErrorUntilItCan)
{
	setenv("STAND_IN_FAULT", "memory", 1);
	const OBSSource filter = chosen_filter();
	const int engine = engine_id();
	set_camera({.width = 1280, .height = 720, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") == "failed"; })) << status(filter);
	wait_frames(150); // it is tried again
	EXPECT_THAT(status(filter), HasSubstr("You are not shown: nothing can be matted at the moment. "
					      "The graphics card has not enough memory for the frame"));
	EXPECT_TRUE(is_empty());
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(engine_id(), engine);
	EXPECT_EQ(frames_with_room, 0);
}

// Automatic is one of them, and a filter that is added while the other one's card fails does not wait for it.
TEST_F(ChosenCard, KeepsNoOtherFilterFromTheCpu)
{
	const OBSSource filter = chosen_filter();
	setenv("STAND_IN_FAULT", "driver", 1);
	kill(engine_id(), SIGKILL);
	expect_error(filter, "the NVIDIA driver 535.1 is too old for CUDA 13");
	const OBSSource other = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return word(other, "state") == "no_background"; })) << status(other);
	EXPECT_THAT(word(other, "model"), HasSubstr("mobilenetv2, cpu"));
	EXPECT_EQ(word(filter, "state"), "no_engine") << status(filter);
}

} // namespace
} // namespace matting
