// SPDX-License-Identifier: GPL-2.0-or-later
// What the panel says of each situation, in each language.
#include "plugin/status_words.hpp"
#include "plugin/text.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <util/text-lookup.h>

namespace matting {
namespace {

using testing::HasSubstr;
using testing::Not;

lookup_t *texts = nullptr;

class StatusWordsTest : public testing::Test {
protected:
	StatusWordsTest() { speak("en-US"); }
	~StatusWordsTest() override { text_lookup_destroy(std::exchange(texts, nullptr)); }

	void speak(const std::string &language)
	{
		text_lookup_destroy(texts);
		texts = text_lookup_create((PROJECT_ROOT "/data/locale/" + language + ".ini").c_str());
		ASSERT_TRUE(texts) << language;
	}
};

Situation matting_now(Quality quality = Quality::automatic, uint32_t width = 1280, uint32_t height = 720)
{
	Situation now;
	now.status.state = State::matting;
	now.status.has_background = true;
	now.status.mattes = 100;
	now.status.quality = quality;
	now.status.coarsest_step = steps_of_automatic(/*is_on_card=*/false).coarsest;
	Options wanted;
	wanted.quality = quality;
	now.status.options = with_quality(wanted, static_cast<int>(width), static_cast<int>(height), false);
	now.status.model = "mobilenetv2, cpu, fp32";
	now.status.width = width;
	now.status.height = height;
	now.status.milliseconds = now.status.matte_milliseconds = now.status.picture_milliseconds = 33;
	now.status.delay_milliseconds = 70;
	return now;
}

TEST_F(StatusWordsTest, SayTheRoomIsShownWhereItIs)
{
	for (const State state : {State::no_engine, State::starting, State::failed, State::no_background}) {
		Situation now;
		now.status.state = state;
		EXPECT_THAT(words_of(now).verdict, HasSubstr("The room is shown")) << static_cast<int>(state);
		now.status.has_background = true;
		if (state != State::no_background) {
			EXPECT_THAT(words_of(now).verdict, Not(HasSubstr("room"))) << static_cast<int>(state);
		}
		now.is_off = true;
		EXPECT_THAT(words_of(now).verdict, HasSubstr("your room is shown"));
		EXPECT_EQ(words_of(now).severity, OBS_TEXT_INFO_WARNING);
	}
}

TEST_F(StatusWordsTest, AdviseAQualityThatIsCoarserThanTheChosenOne)
{
	const auto advice = [](Situation now) {
		now.status.is_behind = true;
		return words_of(now).cure;
	};
	EXPECT_THAT(advice(matting_now(Quality::fast)), HasSubstr("smaller camera picture"));
	EXPECT_THAT(advice(matting_now(Quality::balanced, 3840, 2160)), HasSubstr("“Fast”"));
	Situation custom = matting_now(Quality::custom);
	custom.status.options.backbone_scale = 0.4;
	EXPECT_THAT(advice(custom), HasSubstr("“Fast”"));
	custom.status.options.backbone_scale = 0.2;
	EXPECT_THAT(advice(custom), HasSubstr("smaller camera picture"));
	Situation automatic = matting_now();
	automatic.status.step = 1;
	EXPECT_THAT(advice(automatic), HasSubstr("Coarser than usual")) << "it is being found out";
	automatic.status.step = automatic.status.coarsest_step;
	EXPECT_THAT(advice(automatic), HasSubstr("smaller camera picture"));
}

TEST_F(StatusWordsTest, ForgetTheAlarmWithTheBackground)
{
	Situation now = matting_now();
	now.status.shows_room = true;
	EXPECT_EQ(words_of(now).severity, OBS_TEXT_INFO_ERROR);
	now.status.state = State::no_background;
	now.status.has_background = false;
	EXPECT_EQ(words_of(now).severity, OBS_TEXT_INFO_NORMAL);
	now.countdown = 3;
	EXPECT_EQ(words_of(now).severity, OBS_TEXT_INFO_NORMAL);
}

// No sentence ends in the middle: the numbers give way to it.
TEST_F(StatusWordsTest, FitTheirLinesInEveryLanguage)
{
	using Change = std::function<void(Situation &)>;
	const auto problem = [](const char *key) -> Change {
		return [key](Situation &now) {
			now.status.capture_problem = text(key);
		};
	};
	const std::vector<Change> changes{
		[](Situation &) {},
		[](Situation &now) { now.has_other_filters = true; },
		[](Situation &now) { now.picture_flaw = PictureFlaw::unreadable; },
		[](Situation &now) { now.picture_flaw = PictureFlaw::no_file; },
		[](Situation &now) { now.status.flaw = PlateFlaw::moved; },
		[](Situation &now) { now.status.flaw = PlateFlaw::somebody; },
		[](Situation &now) { now.status.fits_badly = true; },
		[](Situation &now) { now.status.shows_room = true; },
		[](Situation &now) { now.is_view = true; },
		[](Situation &now) { now.is_off = true; },
		[](Situation &now) { now.status.step = 1; },
		[](Situation &now) { now.status.is_behind = true; },
		[](Situation &now) {
			now.status.is_behind = true;
			now.status.step = now.status.coarsest_step;
		},
		[](Situation &now) {
			now.status.fallback = text("notice.fallback", "cuda:0", text("card.none") + std::string("."));
		},
		[](Situation &now) {
			now.status.capture_problem =
				text("error.capture_failed",
				     text("engine.cannot_write", "2026-11-28_12-34-56_0123456789abcdef-12-0badcafe.png",
					  "No space left on device"));
		},
		[](Situation &now) {
			now.status.state = State::no_background;
			now.status.has_background = false;
			now.status.capture_problem =
				text("error.first_capture_failed",
				     text("engine.cannot_write", "2026-11-28_12-34-56_0123456789abcdef-12-0badcafe.png",
					  "No space left on device"));
		},
		[](Situation &now) { now.is_trust_unkept = true; },
		[](Situation &now) {
			now.status.state = State::waiting;
			now.is_hidden = true;
		},
		problem("error.capture_hidden"),
		problem("error.capture_off"),
		problem("error.capture_late"),
		problem("error.capture_lost"),
		problem("error.not_ready_to_capture"),
		problem("notice.capture_cancelled"),
		[](Situation &now) {
			now.status.state = State::no_engine;
			const std::string old = text("engine.old_driver", "535.104.05", "13.0", "580");
			now.status.problem = text("error.card_failed", "cuda:0", old + ".");
		},
		[](Situation &now) {
			now.status.state = State::no_engine;
			now.status.problem = text("error.last_words", text("card.asleep"));
		},
	};
	for (const auto &file : std::filesystem::directory_iterator(PROJECT_ROOT "/data/locale")) {
		speak(file.path().stem().string());
		for (size_t i = 0; i < changes.size(); i++) {
			Situation now = matting_now();
			changes[i](now);
			EXPECT_THAT(as_html(words_of(now)), Not(HasSubstr("…"))) << file.path().stem() << ", " << i;
		}
	}
}

TEST_F(StatusWordsTest, BreakChineseBetweenLettersAndNotBeforeAFullStop)
{
	StatusWords words{"", "", "", OBS_TEXT_INFO_NORMAL};
	for (int i = 0; i < 28; i++)
		words.cure += "背";
	words.cure += "。CPU";
	EXPECT_THAT(as_html(words), HasSubstr("背<br>背。CPU"));
}

} // namespace
} // namespace matting

extern "C" const char *obs_module_text(const char *key)
{
	const char *found = key;
	text_lookup_getstr(matting::texts, key, &found);
	return found;
}
