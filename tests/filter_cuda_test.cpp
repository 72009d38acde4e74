// SPDX-License-Identifier: GPL-2.0-or-later
// Frames in a graphics card's memory: the whole way.
#include "filter_cuda_test.hpp"

namespace matting {
namespace {

using testing::HasSubstr;

TEST_F(CudaFilter, KeepsFramesInTheMemoryOfTheCardThatObsRendersOn)
{
	const OBSSource filter = matting_filter();
	EXPECT_TRUE(wait_until([&] { return status(filter).find("ms a frame") != std::string::npos; }));
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cuda:0"));
	EXPECT_THAT(status(filter), testing::Not(HasSubstr("CPU"))) << "nothing to explain";
	EXPECT_GT(stand_in().copies, 20);
	EXPECT_EQ(stand_in().allocations, 1);
}

TEST_F(CudaFilter, FinishesEdgesWithoutADetour)
{
	const OBSSource filter = matting_filter();
	update(filter, [](obs_data_t *settings) { obs_data_set_double(settings, "edge_shift", -8); });
	frames_with_room = 0;
	const int64_t copies = stand_in().copies;
	EXPECT_TRUE(wait_until([&] { return is_matted() && stand_in().copies > copies + 20; })) << status(filter);
	EXPECT_THAT(status(filter), testing::Not(HasSubstr("CPU")));
	EXPECT_EQ(stand_in().allocations, 1);
	EXPECT_EQ(frames_with_room, 0);
}

std::vector<std::string> offered_devices(obs_source_t *filter)
{
	obs_properties_t *properties = obs_source_properties(filter);
	obs_property_t *list = obs_properties_get(properties, "device");
	std::vector<std::string> devices;
	for (size_t i = 0; i < obs_property_list_item_count(list); i++)
		devices.push_back(obs_property_list_item_string(list, i) + std::string(": ") +
				  obs_property_list_item_name(list, i));
	obs_properties_destroy(properties);
	return devices;
}

TEST_F(CudaFilter, NamesTheDevices)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return offered_devices(filter).size() > 2; }));
	EXPECT_THAT(offered_devices(filter), testing::ElementsAre(testing::_, testing::_, "cuda:0: Stand-in (cuda:0)"));
}

// Else the dialog would choose another one, where settings were written by hand.
TEST_F(CudaFilter, NamesTheFirstDeviceOnceMoreWhereItIsChosenWithoutItsNumber)
{
	const OBSSource filter = add_filter([](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "device", "cuda");
	});
	EXPECT_TRUE(wait_until([&] { return offered_devices(filter).size() > 3; }));
	EXPECT_THAT(offered_devices(filter),
		    testing::ElementsAre(testing::_, testing::_, "cuda:0: Stand-in (cuda:0)", "cuda: Stand-in (cuda)"));
	capture(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cuda"));
	EXPECT_THAT(status(filter), testing::Not(HasSubstr("CPU"))) << "it is the one that OBS renders on";
	EXPECT_GT(stand_in().copies, 0);
}

TEST_F(CudaFilter, SurvivesChangesOfSizeAndRestarts)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	for (const uint32_t scale : {2, 1, 3, 1}) {
		set_camera({.width = 320 * scale, .height = 180 * scale, .has_person = true});
		wait_frames(5);
	}
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	kill(engine_id(), SIGKILL);
	wait_frames(3);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(stand_in().allocations, 1) << "the memory of other sizes was given back";
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(CudaFilter, GivesItsMemoryBackOnlyWhenTheEngineHasClosedIt)
{
	OBSSource filter = matting_filter();
	const OBSSource other = add_difference_filter(); // keeps the engine
	ASSERT_TRUE(wait_until([&] { return stand_in().allocations == 2; }));
	obs_source_filter_remove(camera, filter);
	filter = nullptr;
	EXPECT_TRUE(wait_until([&] { return stand_in().allocations == 1; }));
}

TEST_F(CudaFilter, TakesTheWayOfTheCpuWhenTheEngineRefusesTheMemory)
{
	setenv("STAND_IN_REFUSES_FRAMES", "1", 1);
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return status(filter).find("opens no frames") != std::string::npos; }));
	capture(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cuda:0"));
	EXPECT_THAT(status(filter),
		    HasSubstr("the way of the CPU to the graphics card, which costs time: the stand-in opens"));
	EXPECT_EQ(stand_in().copies, 0);
}

TEST_F(CudaFilter, TakesTheWayOfTheCpuWhenCopyingFails)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	log_errors = 0;
	stand_in().copy_result = 700;
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("costs time: copying a picture") != std::string::npos;
	})) << status(filter);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
	EXPECT_EQ(log_errors.exchange(0), 1) << "once, not for every frame";
}

TEST_F(CudaFilter, KeepsACaptureThatEndsWhileTheDeviceIsLookedFor)
{
	stand_in().is_held = true;
	const OBSSource filter = add_filter([](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "device", "cpu");
	});
	EXPECT_TRUE(wait_until([&] { return status(filter).find("Leave the picture") != std::string::npos; }));
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "device", "auto"); });
	capture(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(word(filter, "model"), HasSubstr("mobilenetv2, cpu"));
	frames_with_room = 0;
	stand_in().is_held = false;
	EXPECT_TRUE(wait_until([&] { return status(filter).find("mobilenetv2, cuda:0") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

// The limits of its silence are for what it usually takes, and for what it does for other filters.
TEST_F(CudaFilter, IsPatientWithAnEngineThatIsSlowButNotDead)
{
	setenv("STAND_IN_FAULT", "slow", 1);
	set_camera({.width = 640, .height = 360}); // not yet
	const OBSSource slow = add_difference_filter();
	capture(slow);
	const int engine = engine_id();
	const OBSDataAutoRelease settings = obs_data_create();
	obs_data_set_int(settings, "width", 64);
	obs_data_set_int(settings, "height", 36);
	const OBSSourceAutoRelease other = obs_source_create("color_source", "small", settings, nullptr);
	obs_scene_add(scene, other);
	const OBSSource quick = add_difference_filter(other);
	capture(quick);
	set_camera({.has_person = true});
	wait_frames(5);
	const int64_t before = mattes(slow);
	int64_t colour = 0xFF000000;
	EXPECT_TRUE(wait_until(
		[&] {
			obs_data_set_int(settings, "color", ++colour);
			obs_source_update(other, settings);
			return mattes(slow) >= before + 8;
		},
		60))
		<< status(slow);
	EXPECT_EQ(engine_id(), engine);
	EXPECT_GT(mattes(quick), 6) << status(quick);
}

class CudaFilterOnADriverThatHangs : public CudaFilter {
protected:
	CudaFilterOnADriverThatHangs() { stand_in().is_held = true; }
	void TearDown() override {} // it still does when OBS shuts down
};

TEST_F(CudaFilterOnADriverThatHangs, DoesNotKeepObsFromEnding)
{
	const OBSSource filter = add_difference_filter();
	wait_frames(3);
	EXPECT_EQ(word(filter, "state"), "starting") << "the device is still looked for";
}

} // namespace
} // namespace matting
