// SPDX-License-Identifier: GPL-2.0-or-later
// The threads of a block, one after the other, as fibers.
#include "cuda_runtime.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <vector>

#include <ucontext.h>

namespace cuda_stand_in {
namespace {

[[noreturn]] void fail(const char *what)
{
	std::fprintf(stderr, "CUDA stand-in: %s, block %u %u %u, thread %u\n", what, blockIdx.x, blockIdx.y, blockIdx.z,
		     threadIdx.x);
	std::abort();
}

enum class State { ready, at_barrier, in_warp, done };

struct Fiber {
	static constexpr size_t stack_bytes = 128 * 1024;
	std::unique_ptr<char[]> stack{new char[stack_bytes]};
	ucontext_t context;
	jmp_buf place;
	bool has_begun;
	State state;
	std::deque<std::vector<std::function<void()>>> copies; // by group; the last is open
};

struct Warp {
	const void *kind;
	void *operands[32];
	unsigned arrived;
};

struct Block {
	std::vector<std::unique_ptr<Fiber>> fibers;
	std::vector<Warp> warps;
	unsigned threads = 0, current = 0;
	const std::function<void()> *thread = nullptr;
	jmp_buf scheduler;
	uint32_t random = 1;
};
Block block;

Fiber &fiber()
{
	return *block.fibers[block.current];
}

void begin_fiber()
{
	try {
		(*block.thread)();
	} catch (const char *what) {
		fail(what);
	}
	fiber().state = State::done;
	_longjmp(block.scheduler, 1);
}

// makecontext is needed to begin on another stack; from then on a jump does, and is faster.
void resume(unsigned thread)
{
	block.current = thread;
	threadIdx = dim3(thread, 0, 0);
	if (_setjmp(block.scheduler) != 0)
		return;
	Fiber &next = fiber();
	if (next.has_begun)
		_longjmp(next.place, 1);
	next.has_begun = true;
	getcontext(&next.context);
	next.context.uc_stack.ss_sp = next.stack.get();
	next.context.uc_stack.ss_size = Fiber::stack_bytes;
	next.context.uc_link = nullptr;
	makecontext(&next.context, begin_fiber, 0);
	setcontext(&next.context);
}

void pause(State state)
{
	fiber().state = state;
	if (_setjmp(fiber().place) == 0)
		_longjmp(block.scheduler, 1);
}

uint32_t next_random()
{
	block.random = block.random * 1664525u + 1013904223u;
	return block.random >> 8;
}

// Every thread that is ready, from anywhere on, in one direction or the other.
bool run_ready()
{
	bool has_run = false;
	const unsigned first = next_random() % block.threads, direction = next_random() % 2 ? 1 : block.threads - 1;
	for (unsigned i = 0, thread = first; i < block.threads; i++, thread = (thread + direction) % block.threads)
		if (block.fibers[thread]->state == State::ready) {
			resume(thread);
			has_run = true;
		}
	return has_run;
}

bool release_barrier()
{
	bool is_done = true;
	for (unsigned i = 0; i < block.threads; i++) {
		Fiber &waiting = *block.fibers[i];
		if (waiting.state == State::in_warp)
			fail("not all threads of a warp come to the same instruction");
		is_done &= waiting.state == State::done;
		if (waiting.state == State::at_barrier)
			waiting.state = State::ready;
	}
	return !is_done;
}

void run_block()
{
	for (unsigned i = 0; i < block.threads; i++) {
		Fiber &fresh = *block.fibers[i];
		fresh.has_begun = false;
		fresh.state = State::ready;
		fresh.copies.assign(1, {});
	}
	for (Warp &warp : block.warps)
		warp = {};
	do
		while (run_ready())
			;
	while (release_barrier());
}

} // namespace

void run_grid(dim3 grid, dim3 size, const std::function<void()> &thread)
{
	block.threads = size.x;
	block.thread = &thread;
	while (block.fibers.size() < size.x)
		block.fibers.push_back(std::make_unique<Fiber>());
	block.warps.resize((size.x + 31) / 32);
	gridDim = grid;
	blockDim = size;
	for (blockIdx.z = 0; blockIdx.z < grid.z; blockIdx.z++)
		for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y++)
			for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x++)
				run_block();
}

void meet_in_warp(const void *kind, void *operands, void (*carry_out)(void *const *))
{
	const unsigned first = block.current / 32 * 32;
	Warp &warp = block.warps[block.current / 32];
	if (warp.arrived > 0 && warp.kind != kind)
		fail("threads of a warp come to different instructions");
	warp.kind = kind;
	warp.operands[block.current % 32] = operands;
	if (++warp.arrived < 32)
		return pause(State::in_warp);
	carry_out(warp.operands);
	warp.arrived = 0;
	for (unsigned i = first; i < first + 32; i++)
		if (i != block.current)
			block.fibers[i]->state = State::ready;
}

void copy_later(std::function<void()> copy)
{
	fiber().copies.back().push_back(std::move(copy));
}

void close_copies()
{
	fiber().copies.emplace_back();
}

void wait_for_copies(size_t pending)
{
	auto &groups = fiber().copies;
	for (; groups.size() - 1 > pending; groups.pop_front())
		for (const auto &copy : groups.front())
			copy();
}

void synchronize_block()
{
	pause(State::at_barrier);
}

} // namespace cuda_stand_in

void __syncthreads()
{
	cuda_stand_in::synchronize_block();
}

void __syncwarp()
{
	static const char kind = 0;
	cuda_stand_in::meet_in_warp(&kind, nullptr, [](void *const *) {});
}
