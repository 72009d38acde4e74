// SPDX-License-Identifier: GPL-2.0-or-later
// Work on threads that are nobody's.
#pragma once

#include <chrono>
#include <future>
#include <thread>
#include <type_traits>
#include <utility>

namespace matting {

// Note [Who does not answer]
// A file on a computer that is switched off takes a minute to be missed, or for ever, and a driver may hang. The future of
// std::async waits for that when it is destroyed: under the graphics lock, or when OBS ends. So such a thread is nobody's: who
// wants its result no more drops the future. It may still be at it when OBS has unloaded the plugin, or ends: libobs never closes
// a module's library, and the thread touches nothing but its own.

/// Runs `function` on a thread of its own. The future may be dropped at any time: that does not wait. Throws std::system_error: no
/// thread can be had.
template<typename Function> auto begin_apart(Function function)
{
	std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
	auto result = task.get_future();
	std::thread(std::move(task)).detach();
	return result;
}

/// Whether there is a result to be had. Does not wait.
template<typename Future> bool is_ready(const Future &future)
{
	return future.valid() && future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

} // namespace matting
