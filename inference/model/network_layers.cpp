// SPDX-License-Identifier: GPL-2.0-or-later
#include "network_layers.hpp"

#include <fmt/format.h>

namespace matting {

using Role = Builder::Attribute::Role;

Module Builder::make(const std::string &class_name, std::vector<Attribute> attributes, const std::string &source)
{
	attributes.push_back({"training", false});
	std::string key = class_name + source;
	for (const Attribute &attribute : attributes)
		key += attribute.name + attribute.value.type()->annotation_str();
	auto [entry, is_new] = classes_.try_emplace(key);
	if (is_new)
		entry->second = declare(class_name, attributes);
	Module module(unit_, entry->second);
	for (const Attribute &attribute : attributes)
		module.setattr(attribute.name, attribute.value);
	if (is_new)
		module.define(source);
	return module;
}

c10::ClassTypePtr Builder::declare(const std::string &class_name, const std::vector<Attribute> &attributes)
{
	const auto name = fmt::format("__torch__.background_matting.{}_{}", class_name, classes_.size());
	auto type = c10::ClassType::create(c10::QualifiedName(name), unit_, /*is_module=*/true);
	for (const auto &[attribute, value, role] : attributes) {
		const auto attribute_type = value.isTensor() ? c10::TensorType::get() : value.type();
		type->addAttribute(attribute, attribute_type, role == Attribute::Role::parameter,
				   role == Attribute::Role::buffer);
	}
	unit_->register_type(type);
	return type;
}

Module convolution(Builder &builder, const Convolution &c)
{
	std::vector<Builder::Attribute> attributes{
		{"weight", torch::zeros({c.out, c.in / c.groups, c.kernel, c.kernel}), Role::parameter}};
	if (c.bias)
		attributes.push_back({"bias", torch::zeros(c.out), Role::parameter});
	return builder.make(
		"Conv2d", attributes,
		fmt::format("def forward(self, x: Tensor) -> Tensor:\n"
			    "    return torch.conv2d(x, self.weight, {0}, [{1}, {1}], [{2}, {2}], [{3}, {3}], {4})\n",
			    c.bias ? "self.bias" : "None", c.stride, c.padding, c.dilation, c.groups));
}

Module batch_norm(Builder &builder, int channels)
{
	return builder.make("BatchNorm2d",
			    {{"weight", torch::ones(channels), Role::parameter},
			     {"bias", torch::zeros(channels), Role::parameter},
			     {"running_mean", torch::zeros(channels), Role::buffer},
			     {"running_var", torch::ones(channels), Role::buffer},
			     {"num_batches_tracked", torch::zeros({}, torch::kLong), Role::buffer}},
			    R"(
def forward(self, x: Tensor) -> Tensor:
    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, self.training, 0.1, 1e-05, True)
)");
}

Module relu(Builder &builder)
{
	return builder.make("ReLU", {}, "def forward(self, x: Tensor) -> Tensor:\n    return torch.relu_(x)\n");
}

Module relu6(Builder &builder)
{
	return builder.make("ReLU6", {},
			    "def forward(self, x: Tensor) -> Tensor:\n    return torch.clamp_(x, 0., 6.)\n");
}

Module sequence(Builder &builder, const std::vector<Module> &modules)
{
	std::vector<Builder::Attribute> attributes;
	std::string source = "def forward(self, x: Tensor) -> Tensor:\n";
	for (size_t i = 0; i < modules.size(); i++) {
		attributes.push_back({std::to_string(i), child(modules[i])});
		source += fmt::format("    x = getattr(self, \"{}\").forward(x)\n", i);
	}
	return builder.make("Sequential", attributes, source + "    return x\n");
}

} // namespace matting
