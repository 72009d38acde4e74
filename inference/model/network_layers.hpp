// SPDX-License-Identifier: GPL-2.0-or-later
// The layers that the network is made of, as TorchScript modules whose children and parameters have torch.nn's names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/script.h>

namespace matting {

using torch::jit::Module;

/// Makes modules whose forward is given as TorchScript source. Modules alike share one class.
/// Thread-safety: none.
class Builder {
public:
	struct Attribute {
		std::string name;
		c10::IValue value;
		enum class Role { plain, parameter, buffer } role = Role::plain;
	};

	/// A module of a class `class_name` with these attributes (a child module is one too, see `child`) and,
	/// as every module of torch.nn, `training`: false.
	Module make(const std::string &class_name, std::vector<Attribute> attributes, const std::string &source);

private:
	c10::ClassTypePtr declare(const std::string &class_name, const std::vector<Attribute> &attributes);

	std::shared_ptr<torch::jit::CompilationUnit> unit_ = std::make_shared<torch::jit::CompilationUnit>();
	std::map<std::string, c10::ClassTypePtr> classes_;
};

inline c10::IValue child(const Module &module)
{
	return module._ivalue();
}

struct Convolution {
	int in, out, kernel;
	int stride = 1, padding = 0, dilation = 1, groups = 1;
	bool bias = false;
};

/// Weights are zero; (B, in, H, W) -> (B, out, H', W').
Module convolution(Builder &builder, const Convolution &c);
/// The identity until weights are loaded.
Module batch_norm(Builder &builder, int channels);
Module relu(Builder &builder);
Module relu6(Builder &builder);
/// Children are called "0", "1", ... as in torch.nn.Sequential; the published names depend on it.
Module sequence(Builder &builder, const std::vector<Module> &modules);

/// The encoders of network_backbones.cpp: (B, 6, H, W) -> features at 1/16, 1/8, 1/4, 1/2, and the input itself.
Module mobilenetv2(Builder &builder);
Module resnet(Builder &builder, int stage3_blocks);

} // namespace matting
