// SPDX-License-Identifier: GPL-2.0-or-later
// The opcodes are those of CPython's pickletools and of torch/csrc/jit/serialization/pickler.h.
#include "pickle.hpp"

#include "pickle_machine.hpp"

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
		return mark();
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
