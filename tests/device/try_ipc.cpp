// SPDX-License-Identifier: GPL-2.0-or-later
// Two processes share frames in a card's memory as plugin and engine do: the first copies a pattern into a slot, behind
// work that takes a while, and says so at once; the second waits for the slot's event and looks at every byte. Where it does
// not wait it must find what the slot held before, or this shows nothing.
//     try_ipc [FRAMES]
#include "card.hpp"

#include "inference/cuda_library.hpp"
#include "plugin/frames/cuda_frame_memory.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include <sys/wait.h>
#include <unistd.h>

namespace matting {
namespace {

constexpr uint32_t width = 640, height = 360;
constexpr size_t row = size_t{4} * width;
constexpr uint32_t patterns = 16;

uint32_t pattern_of(uint64_t frame)
{
	return static_cast<uint32_t>(frame % patterns) * 0x01030507 + 0x11223344;
}

// ---- The engine's side

int engine()
try {
	const Channel channel(engine_socket);
	std::unique_ptr<CudaFrames> frames;
	std::vector<uint32_t> pixels(width * height);
	while (const auto received = channel.receive()) {
		Message message = received->message;
		if (message.kind == MessageKind::set_frames) {
			frames = cuda_backend().open_frames(0, message.cuda, slot_bytes(width, height));
			message.kind = MessageKind::shared;
		} else {
			if (message.count == 0) // else it is the one that does not wait
				frames->wait(message.slot);
			frames->read(message.slot, reinterpret_cast<uint8_t *>(pixels.data()));
			const uint32_t expected = pattern_of(message.frame);
			message.count = static_cast<uint32_t>(std::count_if(
				pixels.begin(), pixels.end(), [&](uint32_t pixel) { return pixel != expected; }));
			message.kind = MessageKind::done;
		}
		channel.send(message);
	}
	return 0;
} catch (const std::exception &error) {
	fail(std::string("the engine's side: ") + error.what());
}

// ---- The plugin's side

class Plugin {
public:
	explicit Plugin(int socket) : channel_(socket), memory_(card_.context, width, height)
	{
		std::vector<uint32_t> pixels(width * height);
		for (uint32_t i = 0; i < patterns; i++) {
			patterns_.push_back(card_.allocate(row * height));
			std::fill(pixels.begin(), pixels.end(), pattern_of(i));
			card_.copy(Card::at(pixels.data(), row), Card::at(patterns_.back(), row), row, height);
		}
		Message message;
		message.kind = MessageKind::set_frames;
		message.width = width;
		message.height = height;
		memory_.describe(message);
		answer_to(message);
	}

	/// The engine's side closes the memory before it is freed. Returns its exit status.
	int end(pid_t engine)
	{
		channel_.shut_down();
		int status = 0;
		waitpid(engine, &status, 0);
		return status;
	}

	/// How many frames were not whole.
	int run(int frames, bool waits)
	{
		const cuda::Address ballast = card_.allocate(ballast_bytes), other = card_.allocate(ballast_bytes);
		int torn = 0;
		for (int frame = 0; frame < frames; frame++) {
			const uint32_t slot = frame % slot_count;
			for (int i = 0; i < (frame % 8 == 0 || !waits ? 40 : 1); i++)
				card_.copy(Card::at(ballast, 1 << 20), Card::at(other, 1 << 20), 1 << 20,
					   ballast_bytes >> 20);
			card_.copy(Card::at(patterns_[frame % patterns], row), Card::at(memory_.slot(slot), row), row,
				   height);
			card_.driver->check(card_.driver->cuEventRecord(memory_.event(slot), card_.stream.get()),
					    "recording an event");
			Message message;
			message.kind = MessageKind::frame;
			message.slot = slot;
			message.frame = frame;
			message.count = waits ? 0 : 1;
			torn += answer_to(message).count != 0;
		}
		return torn;
	}

private:
	Message answer_to(const Message &message)
	{
		if (!channel_.send(message))
			fail("the engine's side does not listen");
		const auto received = channel_.receive();
		if (!received)
			fail("the engine's side has ended");
		return received->message;
	}

	const size_t ballast_bytes = size_t{std::getenv("MATTING_REHEARSE") ? 1u : 64u} << 20;

	const Channel channel_;
	Card card_;
	CudaFrameMemory memory_;
	std::vector<cuda::Address> patterns_;
};

int plugin(int frames)
try {
	const auto [mine, theirs] = Channel::pair();
	const pid_t child = fork();
	if (child == 0) {
		dup2(theirs, engine_socket);
		execl("/proc/self/exe", "try_ipc", "engine", nullptr);
		_exit(127);
	}
	close(theirs);
	bool is_right;
	int status;
	{
		Plugin plugin(mine);
		const auto begin = std::chrono::steady_clock::now();
		const int torn = plugin.run(frames, true);
		const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
		const int control = plugin.run(60, false);
		std::printf("%d frames in %.1f s, %d torn; of 60 that nobody waited for, %d\n", frames, seconds, torn,
			    control);
		is_right = torn == 0 && (control > 0 || std::getenv("MATTING_REHEARSE"));
		status = plugin.end(child);
	}
	if (!is_right || status != 0)
		fail("frames were torn, or could not have been");
	return 0;
} catch (const std::exception &error) {
	fail(error.what());
}

} // namespace
} // namespace matting

int main(int argc, char **argv)
{
	if (argc > 1 && !std::strcmp(argv[1], "engine"))
		return matting::engine();
	return matting::plugin(argc > 1 ? std::atoi(argv[1]) : 10000);
}
