// SPDX-License-Identifier: GPL-2.0-or-later
#include "network_layers.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

// ---- MobileNetV2 (Sandler et al. 2018; torchvision's), without its last block, output stride 16

Module convolution_bn_relu6(Builder &builder, const Convolution &c)
{
	return sequence(builder, {convolution(builder, c), batch_norm(builder, c.out), relu6(builder)});
}

Module inverted_residual(Builder &builder, int in, int out, int stride, int expansion, int dilation)
{
	const int hidden = in * expansion;
	std::vector<Module> layers;
	if (expansion != 1)
		layers.push_back(convolution_bn_relu6(builder, {.in = in, .out = hidden, .kernel = 1}));
	layers.push_back(convolution_bn_relu6(builder, {.in = hidden,
							.out = hidden,
							.kernel = 3,
							.stride = stride,
							.padding = dilation,
							.dilation = dilation,
							.groups = hidden}));
	layers.push_back(convolution(builder, {.in = hidden, .out = out, .kernel = 1}));
	layers.push_back(batch_norm(builder, out));
	const bool is_residual = stride == 1 && in == out;
	return builder.make("InvertedResidual", {{"conv", child(sequence(builder, layers))}},
			    fmt::format("def forward(self, x: Tensor) -> Tensor:\n"
					"    return {}self.conv.forward(x)\n",
					is_residual ? "x + " : ""));
}

} // namespace

Module mobilenetv2(Builder &builder)
{
	std::vector<Module> features{
		convolution_bn_relu6(builder, {.in = 6, .out = 32, .kernel = 3, .stride = 2, .padding = 1})};
	struct Stage {
		int expansion, out, blocks, stride, dilation;
	};
	int in = 32;
	// The paper strides by 2 at 160 channels; here that stage is dilated instead, from its second block on.
	for (const Stage &stage : {Stage{1, 16, 1, 1, 1},
				   {6, 24, 2, 2, 1},
				   {6, 32, 3, 2, 1},
				   {6, 64, 4, 2, 1},
				   {6, 96, 3, 1, 1},
				   {6, 160, 3, 1, 2},
				   {6, 320, 1, 1, 2}})
		for (int block = 0; block < stage.blocks; block++) {
			const bool first_at_stride_16 = stage.out == 160 && block == 0;
			features.push_back(inverted_residual(builder, in, stage.out, block == 0 ? stage.stride : 1,
							     stage.expansion, first_at_stride_16 ? 1 : stage.dilation));
			in = stage.out;
		}

	std::string source =
		"def forward(self, x0: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:\n    x = x0\n";
	for (size_t i = 0; i < features.size(); i++) {
		source += fmt::format("    x = getattr(self.features, \"{}\").forward(x)\n", i);
		if (i == 1 || i == 3 || i == 6) // the last at 1/2, 1/4 and 1/8
			source += fmt::format("    x{} = x\n", i == 1 ? 1 : i == 3 ? 2 : 3);
	}
	source += "    return x, x3, x2, x1, x0\n";
	return builder.make("MobileNetV2Encoder", {{"features", child(sequence(builder, features))}}, source);
}

namespace {

// ---- ResNet (He et al. 2015; torchvision's), with dilation in the last stage, output stride 16

Module bottleneck(Builder &builder, int in, int planes, int stride, int dilation)
{
	const int out = planes * 4;
	std::vector<Builder::Attribute> attributes{
		{"conv1", child(convolution(builder, {.in = in, .out = planes, .kernel = 1}))},
		{"bn1", child(batch_norm(builder, planes))},
		{"conv2", child(convolution(builder, {.in = planes,
						      .out = planes,
						      .kernel = 3,
						      .stride = stride,
						      .padding = dilation,
						      .dilation = dilation}))},
		{"bn2", child(batch_norm(builder, planes))},
		{"conv3", child(convolution(builder, {.in = planes, .out = out, .kernel = 1}))},
		{"bn3", child(batch_norm(builder, out))}};
	const bool changes_shape = stride != 1 || in != out;
	if (changes_shape)
		attributes.push_back(
			{"downsample",
			 child(sequence(builder,
					{convolution(builder, {.in = in, .out = out, .kernel = 1, .stride = stride}),
					 batch_norm(builder, out)}))});
	return builder.make("Bottleneck", attributes,
			    fmt::format(R"(
def forward(self, x: Tensor) -> Tensor:
    y = torch.relu_(self.bn1.forward(self.conv1.forward(x)))
    y = torch.relu_(self.bn2.forward(self.conv2.forward(y)))
    y = self.bn3.forward(self.conv3.forward(y))
    return torch.relu_(y.add_({}))
)",
					changes_shape ? "self.downsample.forward(x)" : "x"));
}

Module resnet_stage(Builder &builder, int in, int planes, int blocks, int stride, int dilation)
{
	std::vector<Module> modules{bottleneck(builder, in, planes, stride, 1)};
	for (int block = 1; block < blocks; block++)
		modules.push_back(bottleneck(builder, planes * 4, planes, 1, dilation));
	return sequence(builder, modules);
}

} // namespace

Module resnet(Builder &builder, int stage3_blocks)
{
	return builder.make(
		"ResNetEncoder",
		{{"conv1", child(convolution(builder, {.in = 6, .out = 64, .kernel = 7, .stride = 2, .padding = 3}))},
		 {"bn1", child(batch_norm(builder, 64))},
		 {"layer1", child(resnet_stage(builder, 64, 64, 3, 1, 1))},
		 {"layer2", child(resnet_stage(builder, 256, 128, 4, 2, 1))},
		 {"layer3", child(resnet_stage(builder, 512, 256, stage3_blocks, 2, 1))},
		 {"layer4", child(resnet_stage(builder, 1024, 512, 3, 1, 2))}},
		R"(
def forward(self, x0: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    x1 = torch.relu_(self.bn1.forward(self.conv1.forward(x0)))
    x2 = self.layer1.forward(torch.max_pool2d(x1, [3, 3], [2, 2], [1, 1]))
    x3 = self.layer2.forward(x2)
    x4 = self.layer4.forward(self.layer3.forward(x3))
    return x4, x3, x2, x1, x0
)");
}

} // namespace matting
