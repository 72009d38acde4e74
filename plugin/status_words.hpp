// SPDX-License-Identifier: GPL-2.0-or-later
// A status in words.
#pragma once

#include "loaded_picture.hpp"

#include "plugin/engine/engine_session.hpp"

#include <string>

#include <obs-module.h>

namespace matting {

/// What the words are made of, beside the session's status.
struct Situation {
	Status status;
	int countdown = 0;                            ///< seconds; 0: none
	bool is_view = false;                         ///< what is drawn is another view than the result
	bool has_card = false;                        ///< this machine
	bool has_other_filters = false;               ///< before this one, than when the background was captured
	bool is_off = false;                          ///< OBS draws the source without the filter
	bool is_hidden = false;                       ///< nobody draws the source
	bool is_trust_unkept = false;                 ///< of the model's code: what the user has said
	PictureFlaw picture_flaw = PictureFlaw::none; ///< of one of the user's, under Behind me
};

struct StatusWords {
	std::string verdict;
	std::string cure;    ///< what to do, or what is good to know; may be empty
	std::string numbers; ///< may be empty
	obs_text_info_type severity = OBS_TEXT_INFO_NORMAL;
};
StatusWords words_of(const Situation &situation);

/// For OBS's labels: always five lines, so that nothing below them ever moves.
std::string as_html(const StatusWords &words);

} // namespace matting
