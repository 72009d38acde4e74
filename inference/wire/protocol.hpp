// SPDX-License-Identifier: GPL-2.0-or-later
// What plugin and engine say to each other: fixed-size messages over a socket, frames in shared memory.
//
// The plugin starts `background-matting serve` and gives it one end of the connection. The engine says `hello`; from then
// on the plugin asks and the engine answers. A session is one filter; the plugin numbers them from 1.
// Every `frame` is answered exactly once, by `done`, `collected`, `captured` or `failed`, and then its slot is the
// plugin's again. Either side trusts nothing: `Channel::receive` checks form, the receiver checks meaning.
#pragma once

#include "inference/error.hpp"
#include "inference/figures.hpp"
#include "inference/options.hpp"
#include "inference/sizes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace matting {

inline constexpr uint32_t protocol_magic = 0x4D474231; // "1BGM"
inline constexpr uint32_t protocol_version = 7;        // raise it with every change of Message or of its meaning

inline constexpr int engine_socket = 3; // the engine's end, where ends are file descriptors

/// What the engine's files are called on this platform; they lie beside the plugin's module.
extern const char *const engine_program_name;
extern const char *const cuda_library_name;

/// Frames live in `slot_count` slots, one behind the other: RGBA8, rows of 4 * width bytes. The engine writes the
/// matte over the source. Three: one with the engine, one waiting or being filled, one finished and not yet drawn.
inline constexpr uint32_t slot_count = 3;

constexpr size_t slot_bytes(uint32_t width, uint32_t height)
{
	return size_t{4} * width * height;
}

/// More are refused.
inline constexpr uint32_t most_threads = 1024;

/// Where frames live.
enum class MemoryKind : uint32_t {
	none, ///< of a message that has nothing to do with memory
	host, ///< as SharedMemory
	cuda, ///< of the device that the engine was started for
};

/// Frames in a CUDA device's memory, and how another process gets to them: what CUDA calls IPC handles.
struct CudaHandles {
	uint8_t device[16];             ///< its UUID
	uint8_t memory[64];             ///< of all slots
	uint8_t events[slot_count][64]; ///< one for each slot: recorded behind the copy of a frame into it
};

/// How a model is run.
enum class Execution : uint32_t {
	fast,     ///< as fast as the device allows
	scripted, ///< by LibTorch, for reference
	code,     ///< by LibTorch, with the code in the file, whatever it does: the user trusts it
};

enum class MessageKind : uint32_t {
	// plugin -> engine
	set_model = 1,  ///< execution, text: path of the model file
	set_background, ///< text: path of the picture; empty: forget it
	set_options,    ///< options, view, count: of threads on the CPU, 0: as many as pay
	set_frames,     ///< width, height, memory: slot_count slots; host memory comes along, CUDA memory is in `cuda`
	frame,   ///< slot, frame, milliseconds: matte it (or add it to the capture); the time from one to the next
	capture, ///< count frames from now on become the background, unless one fails; text: path of the PNG to write
	close,   ///< the session ends
	// engine -> plugin
	hello,   ///< text: version of the program and its device, for the log
	loading, ///< session: a model is being loaded
	ready,   ///< session: the model is loaded; text: backbone, device and precision in use
	shared,  ///< session: answers set_frames: they are in use, and those before no more
	refused, ///< session: answers set_frames: they cannot be used, nor are those before; text: why
	closed,  ///< session: answers close: its frames are in use no more
	done,    ///< slot, frame, milliseconds, figures, verdict, options, step: the slot holds the matte; what made it
	collected, ///< slot, frame, count: frames still missing from the capture
	captured,  ///< slot, frame, text: path, flaw; the capture is written and in use
	failed, ///< slot, frame (0: not about a frame), text: what happened and what to do; session 0: the engine ends;
		///< memory cuda: it is the device that cannot do it, and another one may
};

struct Message {
	uint32_t magic = protocol_magic;
	uint32_t version = protocol_version;
	MessageKind kind{};
	uint32_t session = 0;
	uint32_t slot = 0;
	uint32_t count = 0;
	uint32_t width = 0;
	uint32_t height = 0;
	uint64_t frame = 0;
	double milliseconds = 0;
	MatteFigures figures;
	Verdict verdict{};
	PlateFlaw flaw{};
	Options options;
	int32_t step = 0, coarsest_step = 0; ///< of `automatic`: see `with_quality`
	View view{};
	Execution execution{};
	MemoryKind memory{};
	CudaHandles cuda{};
	char text[4096] = {}; ///< UTF-8, ends with a zero; of `refused` and `failed`: see Note [Sentences]

	/// False when `value` does not fit; then `text` holds as much as does.
	bool set_text(std::string_view value);
};
static_assert(std::is_trivially_copyable_v<Message>);

/// Throws std::runtime_error, in words, when the `size` bytes that came are not a message of this version.
void require_message(const Message &message, size_t size);

/// Closes what came along with a message and is not wanted.
void close_handle(int handle);

/// Memory that both processes see, without a name in any file system: it ends when the last of them does.
/// Thread-safety: none.
class SharedMemory {
public:
	SharedMemory() = default;
	/// Makes `size` zeroed bytes, all of them at hand: whoever writes to them does not wait for the system to clear pages. So this
	/// takes its time: 50 ms for 24 MB, on a slow computer. Throws std::system_error (no memory left, for one).
	static SharedMemory create(size_t size);
	/// Maps what the other side sent; takes ownership of `handle`. Throws std::runtime_error when it is
	/// smaller than `size` or could still be made smaller by the sender.
	static SharedMemory map(int handle, size_t size);
	~SharedMemory();
	SharedMemory(SharedMemory &&other) noexcept;
	SharedMemory &operator=(SharedMemory &&other) noexcept;

	uint8_t *data() const { return data_; }
	size_t size() const { return size_; }
	int handle() const { return handle_; }

private:
	void touch_pages() const;

	int handle_ = -1;
	uint8_t *data_ = nullptr;
	size_t size_ = 0;
};

/// One end of the connection. Closing it, or the death of its process, wakes the other end's `receive` at once.
/// Thread-safety: one thread receives; any thread may send or shut down.
class Channel {
public:
	struct Received {
		Message message;
		int handle = -1; ///< came along with set_frames; the receiver owns it
	};

	/// Takes over one end.
	explicit Channel(int socket) : socket_(socket) {}
	~Channel();
	Channel(const Channel &) = delete;
	Channel &operator=(const Channel &) = delete;
	/// Two connected ends; neither is inherited by child processes.
	static std::pair<int, int> pair();
	/// The end that the plugin has given to this process.
	static int inherited();

	/// Never blocks, raises no signal. False when the other side is gone or has stopped reading.
	bool send(const Message &message, int handle = -1) const;
	/// Waits until there is place for it: for the engine, whose answers the plugin always reads. False when that is gone.
	bool answer(const Message &message) const;
	/// Blocks. Nothing when the other side is gone or `shut_down` was called. Throws std::runtime_error, in
	/// words, for anything that is not a message of this version.
	std::optional<Received> receive() const;
	void shut_down() const;

private:
	int socket_;
};

} // namespace matting
