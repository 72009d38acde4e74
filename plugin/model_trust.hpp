// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <future>
#include <mutex>
#include <string>

namespace matting {

/// Note [Whose code is run]
/// A TorchScript file is a program. None is run but one that the user has pointed at and then allowed, in two acts; changing the
/// file takes that back. Which ones these are is not in the settings: those may come with somebody else's scenes.
///
/// One filter's model file. Thread-safety: safe, and does not wait for that file's disk, but for `set`.
class ModelTrust {
public:
	/// Begins to look at the file. Until that has ended, what was known of the same file stands; of another one nothing is known.
	void look(const std::string &model);
	/// Whether a look has ended that found it otherwise than it was known.
	bool has_changed();
	/// Whether its code may be run, as far as is known.
	bool holds() const;
	/// The user allows it, or does not any more. False: that could not be kept. Waits for a second at most, where no look has ended
	/// yet.
	bool set(bool holds);
	/// The last one could not be kept.
	bool is_unkept() const;

private:
	struct Found {
		std::string identity; // empty: no file is known
		bool is_trusted = false;
	};

	void begin_look();
	void wait_for_look();
	static Found find(const std::string &model, const std::string &list);

	mutable std::mutex mutex_;
	std::string model_;
	Found found_;
	std::future<Found> look_;
	bool looks_again_ = false, is_unkept_ = false;
};

} // namespace matting
