// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that are no engine, and engines that somebody has taken over.
#include "filter_test.hpp"

#include "inference/atomic_file.hpp"
#include "inference/wire/protocol.hpp"

#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

namespace matting {
namespace {

using testing::HasSubstr;

// An engine of our own making, beside the module: a script.
std::filesystem::path folder_with_engine(const std::string &script)
{
	const auto folder = std::filesystem::temp_directory_path() / ("odd-engine-" + std::to_string(getpid()));
	std::filesystem::remove_all(folder);
	std::filesystem::create_directories(folder);
	std::filesystem::copy_file(MODULE_FOLDER "/obs-background-matting.so", folder / "obs-background-matting.so");
	std::ofstream(folder / "background-matting") << "#!/bin/sh\n" << script << '\n';
	std::filesystem::permissions(folder / "background-matting", std::filesystem::perms::owner_all);
	return folder;
}

class FilterWithABrokenEngine : public Filter {
protected:
	FilterWithABrokenEngine()
		: Filter(folder_with_engine("echo \"$0: error while loading shared libraries: libc10.so: cannot open "
					    "shared object file\" >&2; exit 127"))
	{
	}
};

TEST_F(FilterWithABrokenEngine, SaysItsLastWords)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return status(filter).find("libc10.so") != std::string::npos; }))
		<< status(filter);
	EXPECT_THAT(status(filter), HasSubstr("(exit status 127): error while loading shared libraries: libc10.so"));
}

TEST_F(FilterWithABrokenEngine, SaysWhatIsShown)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("The room is shown: the engine is not running") != std::string::npos;
	})) << status(filter);
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "background", "/nowhere.png"); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("You are not shown") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(wait_until([&] { return is_empty(); }));
}

// Writes what it is asked to capture. Then it ends, in the middle of one more; or it says so when nobody is there any more.
void capture_late(const Channel &channel, bool ends)
{
	Message captured;
	captured.kind = MessageKind::captured;
	while (const auto received = channel.receive()) {
		const Message &message = received->message;
		if (message.kind == MessageKind::close && message.session == captured.session)
			channel.answer(captured);
		if (message.kind != MessageKind::capture)
			continue;
		const std::filesystem::path file = message.text, folder = file.parent_path();
		std::ofstream(file) << "the room";
		const auto tell = [&] {
			std::ofstream(folder / "written") << "it is";
		};
		if (ends) {
			const AtomicFile half(file);
			std::ofstream(half.temporary()) << "the ro";
			tell();
			std::_Exit(EXIT_FAILURE);
		}
		tell();
		captured.session = message.session;
		captured.set_text(message.text);
	}
}

// Gives frames back as they are. The first one after a change of the edge it holds for three seconds, and one of a capture fails.
void give_back(const Channel &channel)
{
	bool holds = false, fails = false;
	while (const auto received = channel.receive()) {
		Message answer = received->message;
		const auto say = [&](MessageKind kind, const char *text = "") {
			answer.kind = kind;
			answer.set_text(text);
			channel.answer(answer);
		};
		if (answer.kind == MessageKind::set_options) {
			holds = answer.options.edge_shift != 0;
		} else if (answer.kind == MessageKind::capture) {
			fails = true;
		} else if (answer.kind == MessageKind::set_model) {
			say(MessageKind::loading);
			say(MessageKind::ready, "an odd model");
		} else if (answer.kind == MessageKind::set_frames) {
			close_handle(received->handle);
			say(MessageKind::shared);
		} else if (answer.kind == MessageKind::frame && std::exchange(fails, false)) {
			say(MessageKind::failed, "the disk is full");
		} else if (answer.kind == MessageKind::frame) {
			std::this_thread::sleep_for(std::chrono::seconds(std::exchange(holds, false) ? 3 : 0));
			say(MessageKind::done);
		}
	}
}

// What this program is when it is started in place of the engine.
const bool is_engine = [] {
	const char *variable = std::getenv("ODD_ENGINE");
	if (!variable)
		return false;
	const std::string kind = variable;
	Message hello;
	hello.kind = MessageKind::hello;
	hello.set_text("an odd engine");
	const Channel channel(Channel::inherited());
	while (channel.answer(hello) && kind == "greets")
		;
	if (kind == "gives back")
		give_back(channel);
	else
		capture_late(channel, /*ends=*/kind == "ends");
	std::_Exit(EXIT_SUCCESS);
}();

std::filesystem::path folder_with_odd_engine(const std::string &kind)
{
	return folder_with_engine("exec env ODD_ENGINE='" + kind + "' " +
				  std::filesystem::read_symlink("/proc/self/exe").string());
}

class FilterWithAnEngineThatGreetsAgain : public Filter {
protected:
	FilterWithAnEngineThatGreetsAgain() : Filter(folder_with_odd_engine("greets")) {}
};

TEST_F(FilterWithAnEngineThatGreetsAgain, EndsIt)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return status(filter).find("answered what nobody asked") != std::string::npos; }))
		<< status(filter);
}

class FilterWithALateEngine : public Filter {
protected:
	explicit FilterWithALateEngine(const std::string &kind = "captures") : Filter(folder_with_odd_engine(kind)) {}

	void capture_late(obs_source_t *filter)
	{
		EXPECT_TRUE(wait_until([&] {
			const bool is_written = std::filesystem::exists(folder() / "written");
			if (!is_written)
				call(filter, "capture_background"); // as soon as it can be
			return is_written;
		})) << status(filter);
	}
	// Pictures of the room that nobody will find.
	int unfinished() const
	{
		int count = 0;
		for (const auto &file : std::filesystem::directory_iterator(folder()))
			count += file.path().filename().string().starts_with('.') ? 1 : 0;
		return count;
	}

private:
	std::filesystem::path folder() const { return config_folder / "obs-background-matting" / "backgrounds"; }
};

TEST_F(FilterWithALateEngine, LeavesNoCaptureOfAFilterThatHasGone)
{
	const OBSSource other = add_difference_filter(); // keeps the engine
	OBSSource filter = add_difference_filter();
	capture_late(filter);
	EXPECT_EQ(unfinished(), 1);
	obs_source_filter_remove(camera, filter);
	filter = nullptr;
	EXPECT_TRUE(wait_until([&] { return unfinished() == 0; }));
}

class FilterWithAnEngineThatEndsInACapture : public FilterWithALateEngine {
protected:
	FilterWithAnEngineThatEndsInACapture() : FilterWithALateEngine("ends") {}
};

TEST_F(FilterWithAnEngineThatEndsInACapture, LeavesNothingOfIt)
{
	const OBSSource filter = add_difference_filter();
	capture_late(filter);
	EXPECT_TRUE(wait_until([&] { return unfinished() == 0; }));
	EXPECT_TRUE(wait_until([&] { return status(filter).find("was cut off") != std::string::npos; }))
		<< status(filter);
}

class FilterWithAnEngineThatGivesBack : public Filter {
protected:
	FilterWithAnEngineThatGivesBack() : Filter(folder_with_odd_engine("gives back")) {}

	void use_background(obs_source_t *filter)
	{
		update(filter,
		       [](obs_data_t *settings) { obs_data_set_string(settings, "background", "/nowhere.png"); });
	}
};

// What it answers at last is the picture of three seconds ago.
TEST_F(FilterWithAnEngineThatGivesBack, ShowsNothingOfBeforeItsSilence)
{
	constexpr Colour before{30, 30, 200}, now{30, 200, 30};
	const OBSSource filter = add_difference_filter();
	use_background(filter);
	set_camera({.room = before});
	wait_frames(1);
	ASSERT_TRUE(wait_until([&] { return near(last_pixel(20, 20), before); })) << status(filter);
	update(filter, [](obs_data_t *settings) { obs_data_set_double(settings, "edge_shift", 1); });
	ASSERT_TRUE(wait_until([&] { return word(filter, "state") == "no_engine"; })) << status(filter);
	set_camera({.room = now});
	EXPECT_TRUE(wait_until([&] { return near(last_pixel(20, 20), backdrop_colour); }));
	bool is_old = false;
	EXPECT_TRUE(wait_until([&] {
		is_old |= near(last_pixel(20, 20), before);
		return near(last_pixel(20, 20), now);
	})) << status(filter);
	EXPECT_FALSE(is_old);
}

TEST_F(FilterWithAnEngineThatGivesBack, SaysOfAFailedCaptureWhatIsShownThen)
{
	const OBSSource filter = add_difference_filter();
	const auto capture_in_vain = [&] {
		EXPECT_TRUE(wait_until([&] {
			const bool has_failed = status(filter).find("the disk is full") != std::string::npos;
			if (!has_failed)
				call(filter, "capture_background"); // as soon as it can be
			return has_failed;
		})) << status(filter);
		return status(filter);
	};
	EXPECT_THAT(capture_in_vain(), HasSubstr("not captured: the disk is full. The room is shown."));
	use_background(filter);
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") == "matting"; })) << status(filter);
	EXPECT_THAT(capture_in_vain(), HasSubstr("the disk is full. What was used before stays in use."));
}

class FilterWithAnEngineThatCrashes : public Filter {
protected:
	FilterWithAnEngineThatCrashes() : Filter(folder_with_engine("kill -SEGV $$")) {}
};

TEST_F(FilterWithAnEngineThatCrashes, HasThatInAReport)
{
	const OBSSource filter = add_difference_filter();
	press(filter, "show_diagnostics");
	const OBSDataAutoRelease settings = obs_source_get_settings(filter);
	EXPECT_TRUE(wait_until([&] {
		label(filter, "diagnostics"); // the panel is made anew
		return std::string(obs_data_get_string(settings, "diagnostics"))
			       .find("the doctor has ended: signal 11 (Segmentation fault)") != std::string::npos;
	})) << obs_data_get_string(settings, "diagnostics");
}

class FilterWithATalkativeEngine : public Filter {
protected:
	FilterWithATalkativeEngine() : Filter(folder_with_engine("yes | head -c 1000000; kill -ILL $$")) {}
};

TEST_F(FilterWithATalkativeEngine, DoesNotWaitForAReaderAndNamesItsSignal)
{
	const OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("signal 4 (Illegal instruction)") != std::string::npos;
	})) << status(filter);
}

} // namespace
} // namespace matting
