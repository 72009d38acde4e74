// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the engine's program what it finds on this computer (`background-matting doctor`).
#pragma once

#include "child_process.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace matting {

/// Thread-safety: safe. No member waits for the end of a process.
class Doctor {
public:
	~Doctor();

	/// Asks anew, with this model (empty: the bundled one) and this device. Throws nothing: why not is the answer then.
	void ask(const std::string &model, const std::string &device);
	/// Whether there is more of an answer than before. To be called now and then: who takes too long is ended by it. Never blocks.
	bool listen();
	/// What is known of it; it takes a second or two.
	std::string answer() const;

private:
	void dismiss();

	mutable std::mutex mutex_;
	std::unique_ptr<ChildProcess> process_;
	std::chrono::steady_clock::time_point asked_;
	std::string answer_;
};

} // namespace matting
