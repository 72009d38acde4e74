// SPDX-License-Identifier: GPL-2.0-or-later
#include "parallel.hpp"

#include <memory>

#include <ATen/Parallel.h>

namespace matting {
namespace {

// From one loop of a frame to the next it is rarely longer; from one frame to the next a helper sleeps.
constexpr int looks_before_sleep = 4000;

void pause()
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

} // namespace

int thread_count()
{
	return at::get_num_threads();
}

Helpers::Helpers(int count) : Helpers() // which is whole already if a thread cannot be had: its others are joined
{
	for (int i = 1; i <= count; i++)
		threads_.emplace_back([this, i] { help(i); });
}

Helpers::~Helpers()
{
	ends_ = true;
	round_++;
	round_.notify_all();
	for (std::thread &thread : threads_)
		thread.join();
}

void Helpers::run(void (*work)(void *, int), void *context, int wanted) noexcept
{
	work_ = work;
	context_ = context;
	wanted_ = wanted;
	inside_ &= ~closed;
	round_++;
	round_.notify_all();
	work(context, 0);
	inside_ |= closed;
	// A helper in the middle of something may have lost its processor, for milliseconds: then spinning helps nobody.
	uint32_t now;
	for (int looks = 0; (now = inside_) != closed; looks++)
		if (looks < looks_before_sleep)
			pause();
		else
			inside_.wait(now);
}

void Helpers::help(int thread)
{
	for (uint32_t seen = 0;;) {
		for (int i = 0; i < looks_before_sleep && round_ == seen; i++)
			pause();
		round_.wait(seen);
		seen = round_;
		if (ends_)
			return;
		if (!(inside_++ & closed) && thread <= wanted_)
			work_(context_, thread);
		if (--inside_ == closed)
			inside_.notify_one(); // costs a look where nobody waits
	}
}

Helpers &helpers(int count)
{
	static thread_local std::unique_ptr<Helpers> own;
	if (!own || own->count() < count) {
		own.reset();
		own = std::make_unique<Helpers>(count);
	}
	return *own;
}

} // namespace matting
