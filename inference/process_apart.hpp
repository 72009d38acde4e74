// SPDX-License-Identifier: GPL-2.0-or-later
// What may end a process, or hang, is done in one of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace matting {

struct ApartAnswer {
	std::string text;
	int64_t peak_memory_bytes = 0; ///< of that process
};

/// What the action gives, in a copy of this process, which has to have one thread. Throws Error: what the action has thrown; the
/// process was ended; it has not answered within `patience`, and is killed. (On Windows, which cannot split a process in
/// two, in this one: the peak is that of all until then.)
ApartAnswer run_apart(const std::function<std::string()> &action, std::chrono::seconds patience);

} // namespace matting
