// SPDX-License-Identifier: GPL-2.0-or-later
// Views that show the room, and a stream.
#include "filter_test.hpp"

namespace matting {
namespace {

class OnAir : public Filter {
protected:
	OnAir()
	{
		obs_output_info info{};
		info.id = "test_stream";
		info.flags = OBS_OUTPUT_VIDEO;
		info.get_name = [](void *) {
			return "stream";
		};
		info.create = [](obs_data_t *, obs_output_t *output) -> void * {
			return output;
		};
		info.destroy = [](void *) {
		};
		info.start = [](void *output) {
			return obs_output_begin_data_capture(static_cast<obs_output_t *>(output), 0);
		};
		info.stop = [](void *output, uint64_t) {
			obs_output_end_data_capture(static_cast<obs_output_t *>(output));
		};
		info.raw_video = [](void *, video_data *) {
		};
		obs_register_output(&info);
		stream_ = obs_output_create("test_stream", "stream", nullptr, nullptr);
	}

	void begin_stream() { ASSERT_TRUE(obs_output_start(stream_)); }
	void end_stream()
	{
		obs_output_stop(stream_);
		EXPECT_TRUE(wait_until([&] { return !obs_output_active(stream_); }));
	}
	void show(obs_source_t *filter, const char *view)
	{
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "view", view); });
	}
	std::string view(obs_source_t *filter)
	{
		OBSDataAutoRelease settings = obs_source_get_settings(filter);
		return obs_data_get_string(settings, "view");
	}

private:
	OBSOutputAutoRelease stream_;
};

TEST_F(OnAir, AViewThatWasForgottenEndsWhenAStreamBegins)
{
	const OBSSource filter = matting_filter();
	show(filter, "plate");
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	begin_stream();
	wait_frames(5);
	frames_with_room = 0;
	EXPECT_TRUE(wait_until([&] { return is_matted() && view(filter) == "result"; })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
	end_stream();
}

TEST_F(OnAir, AViewThatIsChosenThenStays)
{
	const OBSSource filter = matting_filter();
	begin_stream();
	show(filter, "alpha");
	EXPECT_TRUE(wait_until([&] { return near(person_pixel(), {255, 255, 255}); }));
	wait_frames(20);
	EXPECT_EQ(view(filter), "alpha");
	end_stream();
}

} // namespace
} // namespace matting
