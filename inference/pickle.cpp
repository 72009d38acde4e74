// SPDX-License-Identifier: GPL-2.0-or-later
// The opcodes are those of CPython's pickletools and of torch/csrc/jit/serialization/pickler.h.
#include "pickle.hpp"

#include "matting.hpp"

#include <bit>
#include <cstring>
#include <unordered_map>

#include <fmt/format.h>

namespace matting {

using Kind = PickleValue::Kind;

bool PickleValue::calls(std::string_view global) const
{
	return kind == Kind::call && target->kind == Kind::global && target->text == global;
}

const PickleValue *PickleValue::find(std::string_view key) const
{
	for (const auto &[name, value] : entries)
		if (name->kind == Kind::text && name->text == key)
			return value;
	return nullptr;
}

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
	static constexpr size_t max_values = 4'000'000;

	[[noreturn]] static void damaged(const char *what)
	{
		throw Error(fmt::format("the file is damaged or no file of weights: {}", what));
	}

	std::string_view take(size_t count)
	{
		if (count > bytes_.size())
			damaged("it ends too early");
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

	Pointer add(PickleValue value)
	{
		if (pickle_.values_.size() >= max_values)
			damaged("it holds too many values");
		return &pickle_.values_.emplace_back(std::move(value));
	}

	void push(Pointer value) { stack_.push_back(value); }
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

	void memoize(uint32_t index) { memo_[index] = top(); }

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
		if (arguments->kind != Kind::sequence)
			damaged("a call has no arguments");
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
		push_new({.kind = Kind::global, .text = module + "." + name});
	}

	void step(unsigned char opcode);

	Pickle &pickle_;
	std::string_view &bytes_;
	std::vector<Pointer> stack_;
	std::vector<size_t> marks_;
	std::unordered_map<uint32_t, Pointer> memo_;
	bool stopped_ = false;
};

void PickleMachine::step(unsigned char opcode)
{
	switch (opcode) {
	case 0x80: // PROTO
		if (const auto version = take_number<uint8_t>(); version < 2 || version > 5)
			damaged("its pickle protocol is unknown");
		return;
	case 0x95: // FRAME
		take(8);
		return;
	case '.':
		stopped_ = true;
		return;
	case '(':
		marks_.push_back(stack_.size());
		return;
	case '0':
		pop();
		return;
	case 'N':
		return push_new({});
	case 0x88: // NEWTRUE
	case 0x89: // NEWFALSE
		return push_new({.kind = Kind::boolean, .integer = opcode == 0x88});
	case 'J':
		return push_integer(take_number<int32_t>());
	case 'K':
		return push_integer(take_number<uint8_t>());
	case 'M':
		return push_integer(take_number<uint16_t>());
	case 0x8a: // LONG1
		return push_long(take_number<uint8_t>());
	case 'G':
		return push_real();
	case 'X':
		return push_text(take_number<uint32_t>());
	case 0x8c: // SHORT_BINUNICODE
	case 'U':  // SHORT_BINSTRING: Python 2
		return push_text(take_number<uint8_t>());
	case ')':
		return push_tuple(0);
	case 0x85: // TUPLE1
	case 0x86: // TUPLE2
	case 0x87: // TUPLE3
		return push_tuple(opcode - 0x84u);
	case 't':
		return push_new({.kind = Kind::sequence, .items = pop_to_mark()});
	case ']':
		return push_new({.kind = Kind::sequence});
	case 'a':
		return append({pop()});
	case 'e':
		return append(pop_to_mark());
	case '}':
		return push_new({.kind = Kind::dictionary});
	case 's': {
		const Pointer value = pop();
		return set_items({pop(), value});
	}
	case 'u':
		return set_items(pop_to_mark());
	case 'c': {
		const std::string module = take_line();
		return push_global(module, take_line());
	}
	case 0x93: { // STACK_GLOBAL
		const Pointer name = pop();
		return push_global(pop()->text, name->text);
	}
	case 'R':
	case 0x81: // NEWOBJ
		return call();
	case 'b':
		return build();
	case 'Q':
		return push_new({.kind = Kind::persistent, .target = pop()});
	case 'q':
		return memoize(take_number<uint8_t>());
	case 'r':
		return memoize(take_number<uint32_t>());
	case 0x94: // MEMOIZE
		return memoize(static_cast<uint32_t>(memo_.size()));
	case 'h':
		return recall(take_number<uint8_t>());
	case 'j':
		return recall(take_number<uint32_t>());
	default:
		damaged(fmt::format("its pickle has the opcode {:#04x}", opcode).c_str());
	}
}

Pickle::Pickle(std::string_view &bytes)
{
	root_ = PickleMachine(*this, bytes).run();
}

} // namespace matting
