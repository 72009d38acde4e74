// SPDX-License-Identifier: GPL-2.0-or-later
// Views that show the room, and a stream.
#include "filter_test.hpp"

#include <stdexcept>
#include <thread>

#include <dlfcn.h>

namespace matting {

std::atomic<bool> fails_to_say = false; // whether libobs hands frames out

} // namespace matting

/// The one that the plugin calls.
extern "C" __attribute__((visibility("default"))) bool obs_video_active()
{
	static const auto is_active = reinterpret_cast<bool (*)()>(dlsym(RTLD_NEXT, "obs_video_active"));
	if (matting::fails_to_say)
		throw std::runtime_error("that cannot be said");
	return is_active();
}

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
		info.raw_video = [](void *, video_data *frame) {
			const uint8_t *p = frame->data[0] + size_t{20} * frame->linesize[0] + 20 * 4; // BGRA
			sent_with_room += near({p[2], p[1], p[0]}, room_colour, 12);
			sent++;
		};
		obs_register_output(&info);
		stream_ = obs_output_create("test_stream", "stream", nullptr, nullptr);
	}

	void begin_stream()
	{
		sent = sent_with_room = 0;
		ASSERT_TRUE(obs_output_start(stream_));
	}
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
	// What OBS keeps for its undo.
	static OBSDataAutoRelease step(obs_source_t *filter)
	{
		OBSDataAutoRelease settings = obs_source_get_settings(filter);
		return obs_data_create_from_json(obs_data_get_json(settings));
	}
	// As OBS does for undo and redo.
	void go_to(obs_source_t *filter, obs_data_t *step)
	{
		obs_source_reset_settings(filter, step);
		wait_frames(20);
	}
	static void wait_without_tasks(int milliseconds)
	{
		std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
	}

	/// By streams since the last one began, and those of them with the colour of the room where the room is.
	static inline std::atomic<int> sent, sent_with_room;

private:
	OBSOutputAutoRelease stream_;
};

TEST_F(OnAir, AViewThatWasForgottenEndsWhenAStreamBegins)
{
	const OBSSource filter = matting_filter();
	show(filter, "plate");
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	watch_composites(false); // so that the stream's first frame is the first that OBS hands out
	wait_without_tasks(300);
	begin_stream();
	EXPECT_TRUE(wait_until([&] { return sent > 20; }));
	watch_composites(true);
	EXPECT_TRUE(wait_until([&] { return is_matted() && view(filter) == "result"; })) << status(filter);
	EXPECT_EQ(sent_with_room, 0);
	end_stream();
}

// As long as the UI thread is busy, the settings still say it.
TEST_F(OnAir, AViewThatHasEndedDoesNotComeBackWithOtherSettings)
{
	const OBSSource filter = matting_filter();
	show(filter, "plate");
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	begin_stream();
	wait_without_tasks(300);
	update(filter, [](obs_data_t *settings) { obs_data_set_double(settings, "edge_shift", 0.5); });
	wait_without_tasks(300);
	EXPECT_EQ(view(filter), "plate");
	frames_with_room = 0;
	wait_without_tasks(300);
	EXPECT_EQ(frames_with_room, 0);
	EXPECT_TRUE(wait_until([&] { return is_matted() && view(filter) == "result"; })) << status(filter);
	end_stream();
}

TEST_F(OnAir, AViewThatIsChosenThenStays)
{
	const OBSSource filter = matting_filter();
	begin_stream();
	EXPECT_TRUE(wait_until([&] { return sent > 5; }));
	show(filter, "alpha");
	EXPECT_TRUE(wait_until([&] { return near(person_pixel(), {255, 255, 255}); }));
	wait_frames(20);
	EXPECT_EQ(view(filter), "alpha");
	end_stream();
}

TEST_F(OnAir, AViewOfBeforeDoesNotComeBackByUndo)
{
	const OBSSource filter = matting_filter();
	show(filter, "plate");
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	const OBSDataAutoRelease before = step(filter);
	update(filter, [](obs_data_t *settings) { obs_data_set_double(settings, "edge_shift", 0.5); });
	begin_stream();
	EXPECT_TRUE(wait_until([&] { return is_matted() && view(filter) == "result"; })) << status(filter);
	sent_with_room = 0;
	go_to(filter, before);
	EXPECT_EQ(view(filter), "result");
	EXPECT_TRUE(is_matted());
	EXPECT_EQ(sent_with_room, 0);
	// One of now is chosen, and ends by hand.
	show(filter, "plate");
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	const OBSDataAutoRelease chosen = step(filter);
	show(filter, "result");
	EXPECT_TRUE(wait_until([&] { return is_matted(); }));
	sent_with_room = 0;
	go_to(filter, chosen);
	EXPECT_EQ(view(filter), "result");
	EXPECT_EQ(sent_with_room, 0);
	end_stream();
}

TEST_F(OnAir, AViewOfBeforeDoesNotComeBackByRedo)
{
	const OBSSource filter = matting_filter();
	const OBSDataAutoRelease before = step(filter);
	show(filter, "plate");
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	const OBSDataAutoRelease after = step(filter);
	go_to(filter, before);
	EXPECT_TRUE(is_matted());
	go_to(filter, after);
	EXPECT_TRUE(shows_room()) << "nobody sees it yet";
	go_to(filter, before);
	begin_stream();
	EXPECT_TRUE(wait_until([&] { return sent > 5; }));
	go_to(filter, after);
	EXPECT_EQ(view(filter), "result");
	EXPECT_TRUE(is_matted());
	EXPECT_EQ(sent_with_room, 0);
	end_stream();
}

// What fails is what looks after views.
TEST_F(OnAir, AStepThatFailsStopsNoOtherAndIsLoggedOnce)
{
	const OBSSource filter = matting_filter();
	fails_to_say = true;
	set_camera({});
	EXPECT_TRUE(wait_until([&] { return is_empty(); })) << "a matte of before";
	wait_frames(20);
	fails_to_say = false;
	EXPECT_EQ(log_errors, 1);
	log_errors = 0;
}

} // namespace
} // namespace matting
