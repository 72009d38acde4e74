// SPDX-License-Identifier: GPL-2.0-or-later
// One filter's side of the engine: its model, its background, its frames.
#pragma once

#include "capture.hpp"
#include "frames.hpp"
#include "named_files.hpp"
#include "pace.hpp"

#include "inference/matting.hpp"
#include "inference/wire/protocol.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace matting {

/// Thread-safety: none; the engine's model thread only. Members throw DeviceLost when the process cannot go on.
class Session {
public:
	/// `threads`: on the CPU, where the plugin wants no number of its own.
	Session(uint32_t id, std::string device, int threads, const Channel &channel)
		: id_(id), device_(std::move(device)), usual_threads_(threads), channel_(channel)
	{
	}

	/// Does what the message asks and answers it. `handle` came with it; it is taken over. `file` is what it names to be
	/// read. What a user can mend is answered with `failed`; throws std::runtime_error for what no plugin of this version
	/// says.
	using Arrival = std::chrono::steady_clock::time_point;
	void handle(const Message &message, int handle, const NamedFile &file, Arrival arrived);

private:
	void set_options(const Message &message);
	void set_model(const Message &message, const NamedFile &named);
	void set_background(const Message &message, const NamedFile &named);
	void set_frames(const Message &message, int handle);
	void apply_background();
	Message process_frame(const Message &request);
	Message collect(uint32_t slot);
	Message matte(const Message &request);
	Message answer(MessageKind kind, std::string_view text = {}) const;
	Message failure(const std::exception &error) const;

	uint32_t id_;
	std::string device_;
	int usual_threads_, wanted_threads_ = 0;
	const Channel &channel_;
	std::optional<Engine> engine_;
	std::string problem_; // why there is no engine_, after set_model
	Options options_;
	View view_ = View::result;
	Pace pace_;
	Arrival arrived_; // the message that is handled
	std::optional<Bitmap> background_;
	std::optional<Capture> capture_;
	std::unique_ptr<Frames> frames_;
	std::string frames_problem_; // why there are none, after set_frames
};

} // namespace matting
