// SPDX-License-Identifier: GPL-2.0-or-later
// One filter's side of the conversation with the engine.
#pragma once

#include "inference/protocol.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace matting {

class EngineProcess;

/// What a filter is doing. `Note [Fail closed]` says what is drawn meanwhile.
enum class State {
	no_engine = 1, ///< it cannot be started, or has ended and waits to be started again
	starting,      ///< the engine starts or loads the model
	no_background,
	capturing,
	matting,
	failed, ///< the engine runs but cannot do this; until something is changed
};

struct Configuration {
	std::string device = "auto"; ///< auto, cpu, cuda, cuda:N
	std::string model;           ///< path; empty: there is none
	std::string background;      ///< path; empty: none was captured
	Options options;
	friend bool operator==(const Configuration &, const Configuration &) = default;
};

struct Status {
	State state = State::starting;
	bool has_background = false;
	std::string problem; ///< for no_engine and failed: what happened and what to do
	std::string model;   ///< backbone, device and precision in use, once loaded
	uint32_t width = 0, height = 0;
	uint32_t capture_missing = 0;  ///< frames
	double milliseconds = 0;       ///< the engine's, for one frame; smoothed
	double delay_milliseconds = 0; ///< from a frame's capture to its matte's drawing; smoothed
};

/// One filter's connection to the engine of its device. Outlives engines: after a restart the new one is told everything.
/// Thread-safety: safe, and never blocks for long, but for the frame functions: graphics thread only.
class EngineSession {
public:
	EngineSession();
	~EngineSession();
	EngineSession(const EngineSession &) = delete;
	EngineSession &operator=(const EngineSession &) = delete;

	/// Tells the engine what differs from before.
	void configure(const Configuration &configuration);
	Status status() const;
	/// The next `count` frames become the background, in a new file. Throws std::runtime_error when that cannot be.
	void capture(const std::string &path, uint32_t count);
	/// The file of a capture that has ended since the last call. It is already in use.
	std::optional<std::string> take_captured();

	// ---- Frames

	/// All frames from now on have this size; none of another size comes back.
	void resize(uint32_t width, uint32_t height);
	/// Whether that size is possible.
	bool has_frames() const;
	/// Mattes of the frames so far are not wanted any more.
	void forget_frames();
	/// Whether a frame would be used.
	bool wants_frames() const;
	/// A slot to copy the next frame to, or null if there is none. `offer_frame` or `cancel_frame` must follow.
	uint8_t *begin_frame();
	/// Sends the frame, or lets it wait for the one at work; a frame that waited already is dropped.
	/// `captured_ns`: when the picture was taken, in os_gettime_ns.
	void offer_frame(uint64_t captured_ns);
	void cancel_frame();
	/// The newest matte that was not taken yet, or null. Valid until `release_matte`, which must follow.
	const uint8_t *take_matte();
	void release_matte();

private:
	friend class EngineProcess;
	enum class SlotState { free, filling, waiting, in_flight, finished, drawing };
	struct Slot {
		SlotState state = SlotState::free;
		uint64_t frame = 0;
		uint64_t captured_ns = 0;
	};

	// All of these want `engine_mutex` held.
	State state() const;
	Message request(MessageKind kind) const;
	void send(const Message &message, int handle = -1);
	void send_path(MessageKind kind, const std::string &path);
	void tell_everything();
	void tell_options();
	void tell_model();
	void tell_background();
	void tell_frames();
	void drop_frames();
	void renew_frames();
	Slot *find_slot(SlotState state);
	uint8_t *pixels_of(const Slot &slot) const;
	void offer_waiting();
	void receive(const Message &message);
	void receive_frame(const Message &message);
	void finish_capture();
	void fail(const std::string &problem);
	void engine_has_ended();

	const uint32_t id_;
	EngineProcess *process_ = nullptr;
	Configuration configuration_;
	std::optional<SharedMemory> frames_;
	uint32_t width_ = 0, height_ = 0;
	std::array<Slot, slot_count> slots_;
	uint64_t next_frame_ = 1;
	uint64_t oldest_wanted_ = 1; // mattes of earlier frames are dropped
	bool model_is_ready_ = false;
	std::string model_text_;
	std::string problem_;
	std::optional<std::string> capture_path_; // a capture is under way
	uint32_t capture_missing_ = 0;
	std::optional<std::string> captured_;
	double milliseconds_ = 0, delay_milliseconds_ = 0;
};

} // namespace matting
