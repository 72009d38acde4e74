// SPDX-License-Identifier: GPL-2.0-or-later
// One filter's side of the conversation with the engine.
#pragma once

#include "plugin/frames/frame_memory.hpp"
#include "plugin/frames/frame_queue.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace matting {

class EngineProcess;

inline constexpr uint64_t retry_ns = 2'000'000'000; // after so long what has failed is tried again

/// What a filter is doing. `Note [Fail closed]` says what is drawn meanwhile.
enum class State {
	no_engine = 1, ///< it cannot be started, or has ended and waits to be started again
	starting,      ///< the engine starts or loads the model
	waiting,       ///< for a picture: the source has none yet
	no_background,
	capturing,
	matting,
	failed, ///< the engine runs but cannot do this; until something is changed, or a later try succeeds
};

/// Of several backgrounds the one with the highest number is in force.
struct Background {
	std::string path;   ///< empty: none was captured
	int64_t number = 0; ///< counts what was captured, chosen or forgotten; 0: not numbered
	friend bool operator==(const Background &, const Background &) = default;
};

struct Configuration {
	std::string device_setting; ///< as the user chose it: a new choice tries a device again that has failed
	std::string device;         ///< cpu, cuda, cuda:N; empty: not known yet
	std::string no_cuda;        ///< why that is the CPU and not a graphics card; or empty
	std::string model;          ///< path; empty: there is none
	Background background;
	Options options;
	View view = View::result;
	Execution execution = Execution::fast; ///< of the model
	uint32_t threads = 0;                  ///< on the CPU; 0: as many as pay
	friend bool operator==(const Configuration &, const Configuration &) = default;
};

/// How things stand, without the words: cheap enough for every frame.
struct Condition {
	State state = State::starting;
	bool has_background = false;
	int64_t background_number = 0; ///< of the one in force
	uint32_t capture_missing = 0;  ///< frames
	double delay_milliseconds = 0; ///< how old what is drawn is; smoothed
	bool has_matte = false;        ///< what was taken last is of now: it may be drawn
	bool shows_room = false;       ///< the latest matte is the room, or much of it: Note [Everything is foreground]
	bool fits_badly = false;       ///< the background, for some time now
	uint64_t mattes = 0;           ///< since the filter is there
	uint64_t captures = 0;         ///< that succeeded, since the filter is there
	PlateFlaw flaw{};              ///< of the background, if it was captured since this filter is there
	bool shows_gone = false;       ///< the latest mattes: who was in the plate and is not there any more
	bool is_behind = false;        ///< the engine is slower than the camera, for some time now
	int step = 0;                  ///< of the automatic quality: see `with_quality`
	uint64_t words = 0;            ///< how often what happened, in words, has changed
};

/// For the panel.
struct Status : Condition {
	std::string problem;         ///< for no_engine and failed: what happened and what to do
	std::string capture_problem; ///< why the last capture could not begin
	std::string fallback;        ///< why the CPU is used and not the device that was asked for
	std::string no_cuda;         ///< as in the configuration
	std::string detour;          ///< why frames for a CUDA device go through the CPU
	std::string model;           ///< backbone, device and precision in use, once loaded
	uint32_t width = 0, height = 0;
	double milliseconds = 0;         ///< the engine's, for one frame; smoothed
	double picture_milliseconds = 0; ///< from one of the source's pictures to the next; smoothed
	double matte_milliseconds = 0;   ///< from one matte to the next; smoothed
	uint64_t dropped = 0;            ///< pictures that had to give way to newer ones, since the filter is there
	Quality quality{};               ///< as the user chose it
	int coarsest_step = 0;           ///< of the automatic quality
	bool is_untrusted = false;       ///< LibTorch runs the model's file, but not its code
	Options options;                 ///< that made the last matte
	MatteFigures figures;            ///< of it
};

/// Whether something has been so for long enough to be said. Thread-safety: none.
class Persistence {
public:
	void note(bool is_so)
	{
		constexpr int long_enough = 30; // mattes: somebody who passes by the lens is no misfit
		count_ = is_so ? std::min(count_ + 1, long_enough) : std::max(count_ - 1, 0);
		holds_ = count_ == long_enough || (holds_ && count_ > 0);
	}
	bool holds() const { return holds_; }

private:
	int count_ = 0;
	bool holds_ = false;
};

/// One filter's connection to the engine of its device. Outlives engines: after a restart the new one is told everything;
/// when the engine of a CUDA device cannot be kept running, the one of the CPU takes its place, unless the device was chosen by name.
/// Thread-safety: safe, and never blocks for long, but for the frame functions: graphics thread only.
class EngineSession : public FrameQueue {
public:
	EngineSession();
	~EngineSession();
	EngineSession(const EngineSession &) = delete;
	EngineSession &operator=(const EngineSession &) = delete;

	/// The background in force until another one is chosen or captured. Before anything else.
	void begin(const Background &background);
	/// Tells the engine what differs from before. An empty background, or one with a lower number than the one in force,
	/// is no change: it is of before. One with another path and a number that is not lower is a choice.
	void configure(const Configuration &configuration);
	/// In each of OBS's ticks: looks whether the engine answers, and tries again what has failed.
	void tick();
	Condition condition() const;
	Status status() const;
	/// Whether a capture could begin now; if not, the status says why. Makes the folder for it: not on the graphics thread.
	bool can_capture();
	/// The background in force.
	Background background() const;
	/// The next `count` frames become the background, in a new file in that folder. When that cannot be, the status says why.
	void capture(const std::string &path, uint32_t count);
	/// A capture cannot begin, for this reason.
	void refuse_capture(const std::string &problem);
	/// Ends a capture that is under way, for this reason. False: there is none.
	bool cancel_capture(const std::string &why);
	/// Of before, if `instead_of` is still in force and no capture is under way: its file was looked for, and meanwhile it may have
	/// been forgotten, or another one captured.
	void choose_background(const std::string &path, const Background &instead_of);
	/// If it is in force: its file was written anew. A capture that is under way goes on.
	void read_background_again(const std::string &path);
	/// Also a capture that is under way.
	void forget_background();

	// ---- Frames

	/// Whether `share` or `cannot_share` must be called before there can be frames: at first, and whenever the
	/// engine is another one or cannot use the frames that it has.
	bool needs_memory() const;
	/// Whether the engine has not opened yet what it was given last: before that there is no use in giving it other frames.
	bool is_opening_frames() const;
	/// The device of the engine that is to use them: cpu, cuda or cuda:N; empty: not known yet.
	std::string device() const;
	/// Why that engine cannot use a graphics card's memory; empty: it can, as far as is known.
	std::string objection() const;
	/// All frames from now on have this size and go there; none of before comes back. `detour`, for the status: why
	/// there and not into a graphics card's memory; or empty.
	void share(uint32_t width, uint32_t height, std::shared_ptr<const FrameMemory> memory,
		   const std::string &detour);
	/// There are no frames of this size, for this reason; `needs_memory` asks for another try after a while.
	void cannot_share(uint32_t width, uint32_t height, const std::string &problem);
	/// The source has no picture yet.
	void wait_for_picture();
	/// A graphics card's memory does not work, for this reason: other memory is needed.
	void object(const std::string &objection);
	/// Mattes of the frames so far are not wanted any more.
	void forget_frames();
	/// Whether a frame would be used.
	bool wants_frames() const;
	/// What was taken last has been drawn, in one more of OBS's frames.
	void note_drawn();
	bool keep_frame(uint64_t captured_ns) override;
	std::optional<uint32_t> begin_frame() override;
	void offer_frame(uint64_t captured_ns) override;
	void cancel_frame() override;
	std::optional<uint32_t> take_matte() override;
	void release_matte() override;

private:
	friend class EngineProcess;
	static constexpr uint32_t warm_up = 5; // frames: the first ones prepare for their size
	enum class SlotState { free, filling, waiting, in_flight, finished, drawing };
	struct Slot {
		SlotState state = SlotState::free;
		uint64_t frame = 0;
		uint64_t captured_ns = 0;
		uint64_t sent_ns = 0; // in_flight: since when
	};
	/// What the engine was asked for and has not answered.
	struct Owed {
		uint32_t models = 0, memories = 0;
		bool is_loading = false; ///< the first of these models, as it has said
	};

	// All of these want `engine_mutex` held.
	State state() const;
	State aim() const;
	const std::string &problem() const;
	bool may_take_long() const;
	bool is_probing() const;
	bool waits_in_vain() const;
	void watch();
	Condition condition_now() const;
	void say(std::string &words, const std::string &news);
	Message request(MessageKind kind) const;
	void send(const Message &message) const;
	bool send_path(MessageKind kind, const std::string &path) const;
	void tell_everything();
	void tell_options();
	void tell_model();
	bool load_model();
	bool was_last_model();
	void fail_model(const std::string &problem);
	void retry_model();
	void tell_background();
	void tell_frames();
	Background newer(const Background &wanted) const;
	void replace_background(const std::string &path);
	void attach(const std::string &device);
	void leave_process();
	void let_go(const std::string &why);
	bool may_fall_back() const;
	void fall_back();
	void use_cpu(const std::string &notice);
	void drop_frames();
	void leave_frames_behind();
	std::shared_ptr<const FrameMemory> lose_frames();
	bool is_ready_to_capture() const;
	void end_capture(const std::string &why);
	bool stop_capture(const std::string &why); // the engine is told, too; false: there was none
	void say_of_capture(const std::string &problem);
	std::string words_of_failed_capture(const std::string &why) const;

	Slot *find_slot(SlotState state);
	uint32_t index_of(const Slot &slot) const { return static_cast<uint32_t>(&slot - slots_.data()); }
	void offer_waiting();
	void receive(const Message &message);
	void receive_frame(const Message &message);
	/// Where that file of the engine's is to go; empty: nobody wants it.
	std::string path_of_capture(const std::string &file) const;
	/// It is there now, or why not. False: it does not count.
	bool finish_capture(const std::string &path, PlateFlaw flaw, const std::error_code &error);
	void forget_times();
	void forget_fit();
	bool can_draw() const;
	void finish_frame(Slot &slot, const Message &message);
	void fail_frame(const std::string &problem);
	void log_and_say(std::string &words, const std::string &news);
	void engine_has_ended();

	const uint32_t id_;
	EngineProcess *process_ = nullptr; // null while the device is not known
	std::string device_;               // its
	std::string fallback_;             // why that is not the configured one
	Configuration configuration_;
	std::shared_ptr<const FrameMemory> memory_;       // null: none yet, or none is possible
	std::shared_ptr<const FrameMemory> told_;         // what the engine has
	bool needs_memory_ = true, memory_works_ = false; // a frame in it was answered
	std::string objection_, detour_;
	uint32_t width_ = 0, height_ = 0;
	Owed owed_;
	std::array<Slot, slot_count> slots_;
	uint64_t next_frame_ = 1;
	uint64_t oldest_wanted_ = 1; // mattes of earlier frames are dropped
	bool model_is_ready_ = false;
	uint64_t model_retry_ns_ = 0, model_delay_ns_ = 0; // one that has failed is loaded again then, after so long
	std::string model_text_;
	bool is_waiting_ = false;     // for a picture
	uint64_t words_ = 0;          // counts what `say` has changed
	std::string process_problem_; // why there is no process_
	std::string model_problem_, background_problem_;
	std::string memory_problem_; // why there can be no memory_
	std::string frame_problem_;  // of several frames in a row
	std::string capture_problem_;
	uint64_t capture_problem_ns_ = 0;                                    // since when
	uint64_t process_retry_ns_ = 0, memory_retry_ns_ = 0, probe_ns_ = 0; // when it is tried again
	std::optional<std::string> capture_path_;                            // a capture is under way
	uint32_t capture_missing_ = 0;
	uint32_t failed_frames_ = 0; // in a row
	uint32_t answered_ = 0;      // frames since something changed
	bool is_silent_ = false;     // a frame has waited too long for its answer
	uint32_t taken_ = 0;         // mattes since something changed
	double milliseconds_ = 0, delay_milliseconds_ = 0;
	double picture_milliseconds_ = 0, matte_milliseconds_ = 0;
	uint64_t picture_ns_ = 0, matte_ns_ = 0; // of the last ones
	uint64_t mattes_ = 0, dropped_ = 0;
	uint64_t drawn_frame_ = 0, drawn_captured_ns_ = 0;
	uint64_t room_frame_ = 0;  // the latest whose matte was the room
	bool must_matte_ = true;   // the last picture again, because something else has changed
	bool is_repeated_ = false; // and so it is
	bool shows_room_ = false;
	PlateFlaw flaw_{};
	uint64_t captures_ = 0;
	Persistence misfit_, delay_, gone_;
	int step_ = 0, coarsest_step_ = 0;
	Options options_; // of the last matte
	MatteFigures figures_;
};

} // namespace matting
