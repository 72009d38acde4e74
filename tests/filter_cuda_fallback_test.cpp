// SPDX-License-Identifier: GPL-2.0-or-later
// Cards that are refused, or fail: the CPU takes their place, or the panel says why not.
#include "filter_cuda_test.hpp"

namespace matting {
namespace {

using testing::HasSubstr;

TEST_F(CudaFilter, UsesTheCpuAndSaysWhatToDoWhenTheCardHasNotWokenUp)
{
	stand_in().start_result = 999;
	const OBSSource filter = matting_filter();
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	obs_properties_t *properties = obs_source_properties(filter);
	EXPECT_THAT(obs_property_long_description(obs_properties_get(properties, "device")),
		    HasSubstr("modprobe nvidia_uvm"));
	obs_properties_destroy(properties);
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

} // namespace
} // namespace matting
