// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved_weights.hpp"

#include "inference/error.hpp"

namespace matting {
namespace {

using Kind = PickleValue::Kind;

// Of a TorchScript file, whose values may be shared and form cycles.
constexpr size_t max_members = 200'000;
constexpr size_t max_name = 1000;
constexpr size_t max_name_bytes = 32 << 20; // of all names: each is as long as the way to it

// A dictionary, also as OrderedDict.
bool is_dictionary(const PickleValue &value)
{
	return value.kind == Kind::dictionary || value.calls("collections.OrderedDict");
}

// The tensors of a dictionary and of those in it (trainings keep several states in one file), by their dotted names.
class StateDictReader {
public:
	explicit StateDictReader(TensorReader &reader) : reader_(reader) {}
	StateDict weights;

	void read(const PickleValue &dictionary, const std::string &prefix, int depth)
	{
		for (const auto &[key, value] : dictionary.entries) {
			if (key->kind != Kind::text)
				continue;
			name_bytes_ += prefix.size() + key->text.size() + 1;
			if (name_bytes_ > max_name_bytes)
				throw_damaged("its dictionaries are nested without end");
			if (is_dictionary(*value)) {
				if (depth > 0)
					read(*value, prefix + key->text + ".", depth - 1);
			} else if (value->kind == Kind::call) {
				if (at::Tensor tensor = reader_.tensor(*value); tensor.defined())
					weights.insert_or_assign(prefix + key->text, std::move(tensor));
			}
		}
	}

private:
	static constexpr size_t max_name_bytes = 16 << 20;
	TensorReader &reader_;
	size_t name_bytes_ = 0; // and a value for each
};

} // namespace

StateDict read_state_dict(const PickleValue &root, TensorReader &reader)
{
	constexpr int deepest = 2; // {"ema": {"module": {...}}}
	if (root.state && root.state->find("_modules"))
		throw Error("engine.whole_model",
			    "it is a whole model, which cannot be read without its code: save its state_dict instead, "
			    "torch.save(model.state_dict(), ...)");
	if (!is_dictionary(root))
		throw Error("engine.no_dictionary", "the file holds no dictionary of weights (a state_dict)");
	StateDictReader all(reader);
	all.read(root, "", deepest);
	return std::move(all.weights);
}

StateDict read_modules(const PickleValue &root, TensorReader &reader)
{
	StateDict weights;
	std::vector<std::pair<std::string, const PickleValue *>> modules{{"", &root}};
	size_t name_bytes = 0;
	for (size_t members = 0; !modules.empty();) {
		const auto [prefix, module] = modules.back();
		modules.pop_back();
		if (!module->state || module->state->kind != Kind::dictionary)
			continue;
		members += module->state->entries.size();
		for (const auto &[key, value] : module->state->entries) {
			if (key->kind != Kind::text || value->kind != Kind::call)
				continue;
			// Before anything is made of it: the names of a small file, put together, can fill the memory.
			name_bytes += prefix.size() + key->text.size();
			if (members > max_members || prefix.size() + key->text.size() > max_name ||
			    name_bytes > max_name_bytes)
				throw_damaged("its modules are nested without end");
			if (at::Tensor tensor = reader.tensor(*value); tensor.defined())
				weights.insert_or_assign(prefix + key->text, std::move(tensor));
			else
				modules.emplace_back(prefix + key->text + ".", value);
		}
	}
	return weights;
}

} // namespace matting
