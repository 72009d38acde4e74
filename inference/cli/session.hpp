// SPDX-License-Identifier: GPL-2.0-or-later
// One filter's side of the engine: its model, its background, its frames.
#pragma once

#include "frames.hpp"
#include "media.hpp"

#include "inference/matting.hpp"
#include "inference/protocol.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace matting {

/// The mean of several frames, which becomes the background.
class Capture {
public:
	Capture(std::filesystem::path path, uint32_t count) : path_(std::move(path)), count_(count) {}

	const std::filesystem::path &path() const { return path_; }
	uint32_t missing() const { return count_ - collected_; }
	/// Frames of another size than those before start it anew.
	void add(const Picture &frame);
	Bitmap mean() const;

private:
	std::filesystem::path path_;
	uint32_t count_;
	uint32_t collected_ = 0;
	int width_ = 0, height_ = 0;
	std::vector<uint32_t> sums_;
};

/// Thread-safety: none; the engine's model thread only. Members throw DeviceLost when the process cannot go on.
class Session {
public:
	Session(uint32_t id, std::string device, const Channel &channel)
		: id_(id), device_(std::move(device)), channel_(channel)
	{
	}

	/// Does what the message asks and answers it. `handle` came with it; it is taken over. What a user can mend is
	/// answered with `failed`; throws std::runtime_error for what no plugin of this version says.
	void handle(const Message &message, int handle);

private:
	void set_model(const std::filesystem::path &path);
	void set_background(const std::filesystem::path &path);
	void set_frames(const Message &message, int handle);
	void apply_background();
	Message process_frame(const Message &request);
	Message collect(uint32_t slot);
	Message matte(uint32_t slot);
	Message answer(MessageKind kind, std::string_view text = {}) const;

	uint32_t id_;
	std::string device_;
	const Channel &channel_;
	std::optional<Engine> engine_;
	std::string problem_ = "no model is loaded"; // why there is no engine_, or no background in it
	Options options_;
	std::optional<Bitmap> background_;
	std::optional<Capture> capture_;
	std::unique_ptr<Frames> frames_;
	std::string frames_problem_; // why there are none, after set_frames
};

} // namespace matting
