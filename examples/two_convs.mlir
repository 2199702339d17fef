// Two padded 3x3 convolutions with a ReLU between, 64 channels, 56x56.
#map = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
module {
  func.func @main(%arg0: tensor<1x64x56x56xf32> loc("input0"), %arg1: tensor<64x64x3x3xf32> loc("0.weight"), %arg2: tensor<64xf32> loc("0.bias"), %arg3: tensor<64x64x3x3xf32> loc("2.weight"), %arg4: tensor<64xf32> loc("2.bias")) -> tensor<1x64x56x56xf32> {
    %cst = arith.constant 0.000000e+00 : f32
    %padded = tensor.pad %arg0 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg5: index, %arg6: index, %arg7: index, %arg8: index):
      tensor.yield %cst : f32
    } : tensor<1x64x56x56xf32> to tensor<1x64x58x58xf32> loc("0.convolution")
    %0 = tensor.empty() : tensor<1x64x56x56xf32> loc("0.convolution")
    %broadcasted = linalg.broadcast ins(%arg2 : tensor<64xf32>) outs(%0 : tensor<1x64x56x56xf32>) dimensions = [0, 2, 3]  loc("0.convolution")
    %1 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded, %arg1 : tensor<1x64x58x58xf32>, tensor<64x64x3x3xf32>) outs(%broadcasted : tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32> loc("0.convolution")
    %2 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%1 : tensor<1x64x56x56xf32>) outs(%0 : tensor<1x64x56x56xf32>) {
    ^bb0(%in: f32, %out: f32):
      %4 = arith.cmpf ugt, %in, %cst : f32
      %5 = arith.select %4, %in, %cst : f32
      linalg.yield %5 : f32
    } -> tensor<1x64x56x56xf32> loc("1.relu")
    %padded_0 = tensor.pad %2 low[0, 0, 1, 1] high[0, 0, 1, 1] {
    ^bb0(%arg5: index, %arg6: index, %arg7: index, %arg8: index):
      tensor.yield %cst : f32
    } : tensor<1x64x56x56xf32> to tensor<1x64x58x58xf32> loc("2.convolution_1")
    %broadcasted_1 = linalg.broadcast ins(%arg4 : tensor<64xf32>) outs(%0 : tensor<1x64x56x56xf32>) dimensions = [0, 2, 3]  loc("2.convolution_1")
    %3 = linalg.conv_2d_nchw_fchw {dilations = dense<1> : vector<2xi64>, strides = dense<1> : vector<2xi64>} ins(%padded_0, %arg3 : tensor<1x64x58x58xf32>, tensor<64x64x3x3xf32>) outs(%broadcasted_1 : tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32> loc("2.convolution_1")
    return %3 : tensor<1x64x56x56xf32> loc("output")
  } loc("args_0")
}
