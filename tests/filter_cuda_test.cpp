// SPDX-License-Identifier: GPL-2.0-or-later
// Frames in a graphics card's memory: the whole way, with a stand-in for driver and device; see cuda_stand_in/driver.hpp.
#include "cuda_stand_in/driver.hpp"
#include "filter_test.hpp"

#include <csignal>
#include <cstdlib>

#include <dlfcn.h>

namespace matting {
namespace {

using testing::HasSubstr;

// Module, program and the stand-in beside them, where the plugin looks for them.
std::filesystem::path make_folder()
{
	const auto folder = std::filesystem::temp_directory_path() / ("matting-cuda-test-" + std::to_string(getpid()));
	std::filesystem::remove_all(folder);
	std::filesystem::create_directories(folder);
	for (const char *name : {"obs-background-matting.so", "background-matting"})
		std::filesystem::copy_file(std::filesystem::path(MODULE_FOLDER) / name, folder / name);
	std::filesystem::copy_file(STAND_IN_ENGINE_LIBRARY, folder / "libbackground-matting-cuda.so");
	return folder;
}

cuda_stand_in::Switches &stand_in()
{
	// By its name, so that the plugin gets the same.
	static void *driver = dlopen(STAND_IN_DRIVER, RTLD_NOW);
	return *static_cast<cuda_stand_in::Switches *>(dlsym(driver, "stand_in"));
}

/// Destroyed after OBS has shut down.
class NoMistakes {
protected:
	NoMistakes() { stand_in().mistakes = stand_in().copies = 0; } // also loads it, before OBS looks for a driver
	~NoMistakes()
	{
		EXPECT_EQ(stand_in().mistakes, 0);
		EXPECT_EQ(stand_in().allocations, 0);
		stand_in().is_held = false;
	}
};

class CudaFilter : NoMistakes, public Filter {
protected:
	CudaFilter() : CudaFilter(make_folder()) {}
	~CudaFilter() override { std::filesystem::remove_all(folder_); }

	void TearDown() override
	{
		unsetenv("STAND_IN_REFUSES_FRAMES");
		unsetenv("STAND_IN_IS_LOST");
		unsetenv("STAND_IN_FAULT");
		stand_in().start_result = stand_in().graphics_result = stand_in().copy_result = 0;
		stand_in().is_held = false;
	}

private:
	explicit CudaFilter(const std::filesystem::path &folder) : Filter(folder), folder_(folder) {}

	const std::filesystem::path folder_;
};

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

TEST_F(CudaFilter, NamesTheDevices)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] {
		obs_properties_t *properties = obs_source_properties(filter);
		obs_property_t *list = obs_properties_get(properties, "device");
		bool is_there = false;
		for (size_t i = 0; i < obs_property_list_item_count(list); i++)
			is_there = is_there || std::string(obs_property_list_item_name(list, i)) == "Stand-in (cuda:0)";
		obs_properties_destroy(properties);
		return is_there;
	}));
}

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
