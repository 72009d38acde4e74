// SPDX-License-Identifier: GPL-2.0-or-later
// Reads Python pickles as data. Nothing in them runs: a call stays a description of a call.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace matting {

/// What a pickle describes. Pointers lead to values of the same Pickle; they can form cycles.
struct PickleValue {
	enum class Kind { none, boolean, integer, real, text, sequence, dictionary, global, call, persistent };
	using Pointer = PickleValue *;

	Kind kind = Kind::none;
	int64_t integer = 0;                              ///< boolean, integer
	double real = 0;                                  ///< real
	std::string text;                                 ///< text; global: "module.name"
	std::vector<Pointer> items;                       ///< sequence (tuple or list); call: its arguments
	std::vector<std::pair<Pointer, Pointer>> entries; ///< dictionary; call of a dictionary type
	Pointer target = nullptr;                         ///< call: what is called; persistent: the id
	Pointer state = nullptr;                          ///< call: what __setstate__ would get

	/// Whether this calls the global of that name.
	bool calls(std::string_view global) const;
	/// The entry with that text as key, of a dictionary or of a call's; null if there is none.
	const PickleValue *find(std::string_view key) const;
};

/// One pickle, protocols 2 to 5, without the opcodes that only objects other than weights need.
class Pickle {
public:
	/// Reads one pickle from the front of `bytes` and moves `bytes` behind it. Throws Error: cut off, damaged,
	/// or with an opcode that files of weights do not have.
	explicit Pickle(std::string_view &bytes);

	const PickleValue &root() const { return *root_; }
	/// All values, in the order of their making.
	const std::deque<PickleValue> &values() const { return values_; }

private:
	friend class PickleMachine;
	std::deque<PickleValue> values_; // owns all: deep nesting must not recurse when freed
	PickleValue *root_ = nullptr;
};

} // namespace matting
