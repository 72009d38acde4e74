// SPDX-License-Identifier: GPL-2.0-or-later
// The stack machine that a pickle is a program for. What it makes are descriptions; nothing is imported or called.
#pragma once

#include "pickle.hpp"

#include "inference/error.hpp"

#include <bit>
#include <cstring>
#include <unordered_map>

#include <fmt/format.h>

namespace matting {

/// Thread-safety: none.
class PickleMachine {
public:
	PickleMachine(Pickle &pickle, std::string_view &bytes) : pickle_(pickle), bytes_(bytes) {}

	PickleValue *run()
	{
		while (!stopped_)
			step(static_cast<unsigned char>(take(1).front()));
		return pop();
	}

private:
	using Pointer = PickleValue::Pointer;
	using Kind = PickleValue::Kind;
	// Far more than weights need, so that a small file cannot fill the memory.
	static constexpr size_t max_bytes = 16 << 20;
	static constexpr size_t max_made_bytes = 64 << 20; // of what short codes stand for
	static constexpr size_t max_values = 1 << 20;
	static constexpr size_t max_arguments = 64;
	static constexpr size_t max_name = 1000;

	[[noreturn]] static void damaged(const char *what)
	{
		throw Error("engine.damaged_pickle", "the file is damaged or no file of weights: {}", what);
	}

	std::string_view take(size_t count)
	{
		if (count > bytes_.size())
			damaged("it ends too early");
		if (count > max_bytes - taken_)
			damaged("it describes too much");
		taken_ += count;
		const auto taken = bytes_.substr(0, count);
		bytes_.remove_prefix(count);
		return taken;
	}

	template<typename Number> Number take_number()
	{
		Number number;
		std::memcpy(&number, take(sizeof number).data(), sizeof number);
		return number;
	}

	std::string take_line()
	{
		const size_t end = bytes_.find('\n');
		if (end == std::string_view::npos)
			damaged("a name does not end");
		std::string line(take(end));
		take(1);
		return line;
	}

	void count_made(size_t bytes)
	{
		if (bytes > max_made_bytes - made_)
			damaged("it describes too much");
		made_ += bytes;
	}

	static void require_room(size_t used)
	{
		if (used >= max_values)
			damaged("it holds too many values");
	}

	Pointer add(PickleValue value)
	{
		require_room(pickle_.values_.size());
		return &pickle_.values_.emplace_back(std::move(value));
	}

	void push(Pointer value)
	{
		require_room(stack_.size());
		stack_.push_back(value);
	}

	void push_new(PickleValue value) { push(add(std::move(value))); }
	void push_integer(int64_t integer) { push_new({.kind = Kind::integer, .integer = integer}); }
	void push_text(size_t length) { push_new({.kind = Kind::text, .text = std::string(take(length))}); }

	Pointer pop()
	{
		if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
			damaged("its stack is empty");
		const Pointer value = stack_.back();
		stack_.pop_back();
		return value;
	}

	Pointer top()
	{
		const Pointer value = pop();
		push(value);
		return value;
	}

	void mark()
	{
		require_room(marks_.size());
		marks_.push_back(stack_.size());
	}

	std::vector<Pointer> pop_to_mark()
	{
		if (marks_.empty())
			damaged("a mark is missing");
		const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
		marks_.pop_back();
		std::vector<Pointer> values(begin, stack_.end());
		stack_.erase(begin, stack_.end());
		return values;
	}

	void push_tuple(size_t count)
	{
		PickleValue tuple{.kind = Kind::sequence};
		tuple.items.resize(count);
		for (size_t i = count; i-- > 0;)
			tuple.items[i] = pop();
		push_new(std::move(tuple));
	}

	void memoize(uint32_t index)
	{
		require_room(memo_.size());
		memo_[index] = top();
	}

	void recall(uint32_t index)
	{
		const auto found = memo_.find(index);
		if (found == memo_.end())
			damaged("it refers to what it does not hold");
		push(found->second);
	}

	void set_items(const std::vector<Pointer> &items)
	{
		const Pointer container = top();
		if (items.size() % 2 != 0 || (container->kind != Kind::dictionary && container->kind != Kind::call))
			damaged("items are set where there is no dictionary");
		for (size_t i = 0; i < items.size(); i += 2)
			container->entries.emplace_back(items[i], items[i + 1]);
	}

	void append(const std::vector<Pointer> &items)
	{
		const Pointer list = top();
		if (list->kind != Kind::sequence && list->kind != Kind::call)
			damaged("something is appended where there is no list");
		list->items.insert(list->items.end(), items.begin(), items.end());
	}

	void call()
	{
		const Pointer arguments = pop();
		const Pointer target = pop();
		if (arguments->kind != Kind::sequence || arguments->items.size() > max_arguments)
			damaged("a call has no arguments, or too many");
		count_made(arguments->items.size() * sizeof(Pointer));
		push_new({.kind = Kind::call, .items = arguments->items, .target = target});
	}

	void build()
	{
		const Pointer state = pop();
		top()->state = state;
	}

	void push_long(size_t length)
	{
		const auto digits = take(length);
		if (length > sizeof(int64_t)) // the magic number of an old file; no size is that large
			return push_new({});
		uint64_t number = 0;
		for (size_t i = 0; i < length; i++)
			number |= static_cast<uint64_t>(static_cast<unsigned char>(digits[i])) << (8 * i);
		if (length > 0 && length < sizeof number && (digits.back() & 0x80))
			number |= ~uint64_t{0} << (8 * length);
		push_integer(static_cast<int64_t>(number));
	}

	void push_real()
	{
		uint64_t bits = 0;
		for (const char byte : take(sizeof bits)) // big-endian
			bits = bits << 8 | static_cast<unsigned char>(byte);
		push_new({.kind = Kind::real, .real = std::bit_cast<double>(bits)});
	}

	void push_global(const std::string &module, const std::string &name)
	{
		if (module.size() > max_name || name.size() > max_name)
			damaged("a name is too long");
		count_made(module.size() + name.size());
		push_new({.kind = Kind::global, .text = module + "." + name});
	}

	void step(unsigned char opcode);

	Pickle &pickle_;
	std::string_view &bytes_;
	std::vector<Pointer> stack_;
	std::vector<size_t> marks_;
	std::unordered_map<uint32_t, Pointer> memo_;
	size_t taken_ = 0, made_ = 0;
	bool stopped_ = false;
};

} // namespace matting
